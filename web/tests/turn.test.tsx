// @vitest-environment jsdom
// An answer as it is drawn while it grows.

import { render } from "preact";
import { act } from "preact/test-utils";
import { expect, test } from "vitest";
import { Markdown, Sources } from "../src/turn";

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

test("an answer names the turns that it rests on, each with its time", async () => {
  const place = document.createElement("div");
  const sources = [
    { turn_id: 1, at: "2020-11-20T09:12:00Z" },
    { turn_id: 7, at: "2021-03-03T10:15:00Z" },
  ];

  await act(() => render(<Sources sources={sources} />, place));

  const group = place.querySelector('[role="group"]');
  expect(group?.getAttribute("aria-label")).toBe("Where this answer comes from");
  const links = [...place.querySelectorAll("button")];
  expect(links.map((link) => link.textContent)).toEqual([
    expect.stringMatching(/^from .*2020.*, .*12/),
    expect.stringMatching(/^from .*2021.*, .*15/),
  ]);
});

test("an answer that rests on nothing says nothing of it", async () => {
  const place = document.createElement("div");

  await act(() => render(<Sources sources={[]} />, place));

  expect(place.innerHTML).toBe("");
});
