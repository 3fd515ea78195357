// @vitest-environment jsdom
// An answer as it is drawn while it grows.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { Markdown } from "../src/turn";

function drawn() {
  const place = document.createElement("div");
  const draw = (text: string) => act(() => render(<Markdown text={text} />, place));
  return { place, draw };
}

test("code can be copied", async () => {
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (text: string) => copied.push(text) } });
  const { place, draw } = drawn();
  await draw("Look:\n\n1. Run\n\n   ```sh\n   vega open\n   ```");

  const button = place.querySelector("button");
  button?.click();
  await Promise.resolve();

  expect(copied).toEqual(["vega open\n"]);
  expect(button?.textContent).toBe("Copied");
});

test("what is written already stays where it is while the answer grows", async () => {
  const { place, draw } = drawn();
  await draw("First paragraph.\n\nSecond par");
  const first = place.querySelector("p");

  await draw("First paragraph.\n\nSecond paragraph, and more.");

  expect(place.querySelector("p")).toBe(first);
  expect(place.textContent).toContain("and more");
});

test("a link that is defined later becomes one", async () => {
  const { place, draw } = drawn();
  await draw("See [this][1].\n\nMore");

  await draw("See [this][1].\n\nMore\n\n[1]: https://example.org");

  expect(place.querySelector("a")?.getAttribute("href")).toBe("https://example.org");
});
