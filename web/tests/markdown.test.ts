// @vitest-environment jsdom
// What a model says is shown and does nothing.

import { expect, test } from "vitest";
import { blocks, html } from "../src/markdown";

const draw = (text: string) => blocks(text).map(html).join("");

function drawn(text: string): HTMLElement {
  const place = document.createElement("div");
  place.innerHTML = draw(text);
  return place;
}

const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><circle/></svg>",
  "<svg><style><img src=x onerror=alert(1)></style></svg>",
  "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=alert(1)&gt;\">",
  "<iframe src=javascript:alert(1)></iframe>",
  "<a href=\"javascript:alert(1)\">x</a>",
  "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
  "[x](vbscript:msgbox(1))",
  "![x](javascript:alert(1))",
  "![x\" onerror=\"alert(1)](https://evil.example/a.png)",
  "![x](https://evil.example/a.png\" onerror=\"alert(1))",
  "<b onclick=alert(1) onmouseover=alert(1)>x</b>",
  "<form action=https://evil.example><input name=a><button>go</button></form>",
  "<style>body { background: url(https://evil.example) }</style>",
  "<p style=\"background: url(https://evil.example)\">x</p>",
  "<link rel=stylesheet href=https://evil.example><meta http-equiv=refresh content=0;url=//evil.example>",
  "<base href=https://evil.example>",
  "<video src=https://evil.example autoplay></video><audio src=x></audio><object data=x></object><embed src=x>",
  "<details open ontoggle=alert(1)>x</details>",
  "<a href=\"https://evil.example\" ping=\"https://evil.example/ping\" id=app name=body>x</a>",
  "```js\" onclick=\"alert(1)\nx\n```",
  "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
];

test.each(ATTACKS)("%s does nothing", (attack) => {
  for (const text of [attack, `Before\n\n- a\n- ${attack}\n\nAfter`]) {
    const place = drawn(text);
    const elements = [...place.querySelectorAll("*")];

    expect(elements.map((one) => one.localName).filter((name) => !ALLOWED.has(name))).toEqual([]);
    const names = elements.flatMap((one) => one.getAttributeNames());
    expect(names.filter((name) => !["href", "target", "rel", "start", "align"].includes(name))).toEqual([]);
    for (const link of place.querySelectorAll("a[href]")) {
      expect(link.getAttribute("href")).toMatch(/^(https?|mailto):/);
    }
  }
});

const ALLOWED = new Set(
  "p br hr h1 h2 h3 h4 h5 h6 blockquote pre code ul ol li table thead tbody tr th td a strong b em i del s sub sup kbd".split(
    " ",
  ),
);

test("a link leaves without a trace", () => {
  const link = drawn("[x](https://example.org)").querySelector("a");

  expect(link?.getAttribute("rel")).toBe("noopener noreferrer");
  expect(link?.getAttribute("target")).toBe("_blank");
});

test("a picture is a link and is not loaded", () => {
  const place = drawn("![a cat](https://example.org/cat.png)");

  expect(place.querySelector("img")).toBeNull();
  expect(place.querySelector("a")?.textContent).toBe("a cat");
});

test("what a model usually writes is drawn", () => {
  const place = drawn("# A\n\n**b** and `c`\n\n1. one\n2. two\n\n```py\nx = 1 < 2\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |");

  for (const name of ["h1", "strong", "code", "ol > li", "pre > code", "table td"]) {
    expect(place.querySelector(name), name).not.toBeNull();
  }
  expect(place.querySelector("pre")?.textContent).toBe("x = 1 < 2\n");
});

test.each([
  "Put <title> around it.",
  "<div class=\"a\">one</div>",
  "<script>alert(1)</script> and on",
  "a <!-- comment --> b",
  "<details>\n<summary>x</summary>\n</details>",
])("%s is shown as it was written and not swallowed", (text) => {
  const place = drawn(text);
  place.querySelectorAll("br").forEach((one) => one.replaceWith("\n"));

  expect(place.textContent?.trim()).toBe(text);
});

test("the few elements that Markdown has no signs for are drawn", () => {
  const place = drawn("H<sub>2</sub>O, <kbd>Esc</kbd><br/>next");

  for (const name of ["sub", "kbd", "br"]) expect(place.querySelector(name), name).not.toBeNull();
});

test("a line's end is a line's end", () => {
  expect(drawn("one\ntwo").querySelector("br")).not.toBeNull();
});

test("text that has only begun is drawn as far as it has come", () => {
  expect(drawn("Look:\n\n```py\nprint(").querySelector("pre")?.textContent).toContain("print(");
});
