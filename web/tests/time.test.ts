// Times in a person's words.

import { expect, test } from "vitest";
import { dateWords, dayWords, durationWords, isSameDay } from "../src/time";

const NOW = new Date(2026, 10, 23, 14, 5);
const ago = (days: number) => new Date(2026, 10, 23 - days, 23, 59);

test.each([
  [0, "Today"],
  [1, "Yesterday"],
  [2, "Saturday"],
  [6, "Tuesday"],
  [7, "Monday 16 November"],
  [600, "Wednesday, 2 April 2025"],
])("the day %i days ago is %s", (days, words) => {
  expect(dayWords(ago(days), NOW, "en-GB")).toBe(words);
});

test("days are in the owner's language", () => {
  expect(dayWords(ago(0), NOW, "de")).toBe("Heute");
  expect(dayWords(ago(1), NOW, "fr")).toBe("Hier");
});

test("a minute to midnight and a minute past are two days", () => {
  expect(isSameDay(ago(1), new Date(2026, 10, 23, 0, 1))).toBe(false);
  expect(isSameDay(new Date(2026, 10, 23, 0, 1), NOW)).toBe(true);
});

test("a time to come is named by its date", () => {
  expect(dayWords(new Date(2026, 10, 24), NOW, "en-GB")).toBe("Tuesday 24 November");
});

test("a date in the middle of a sentence", () => {
  expect(dateWords(ago(0), NOW, "en-GB")).toBe("today");
  expect(dateWords(ago(20), NOW, "en-GB")).toBe("3 November");
  expect(dateWords(ago(600), NOW, "en-GB")).toBe("2 April 2025");
});

test.each([
  [20, "less than a minute"],
  [61, "about 1 minute"],
  [250, "about 4 minutes"],
  [7_300, "about 2 hours"],
])("%i seconds are %s", (seconds, words) => {
  expect(durationWords(seconds)).toBe(words);
});
