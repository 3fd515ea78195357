// What cleanups did, in words.

import { expect, test } from "vitest";
import { cleanupWords, pressureWords, unbroken } from "../src/memory";

const NOW = new Date(2026, 10, 25, 20, 44);
const cleanup = (fields: object = {}) => ({
  ended_at: new Date(2026, 10, 25, 14, 3).toISOString(),
  compressed: 0,
  archived: 0,
  saved_bytes: 0,
  disk_bytes: 0,
  memory_bytes: 0,
  ...fields,
});
const words = (fields: object) => cleanupWords(cleanup(fields), NOW, "en-GB");

test("a cleanup says when it was and what it did", () => {
  expect(words({ compressed: 1200, archived: 3, saved_bytes: 2_100_000, memory_bytes: 30_000_000 })).toBe(
    "today at 14:03: 1,200 turns compressed, 3 archived, 2 MB of text saved, 30 MB of RAM given back",
  );
});

test.each([
  [{ compressed: 1 }, "1 turn compressed"],
  [{ archived: 7 }, "7 turns archived"],
  [{ archived: 1, disk_bytes: 640_000 }, "1 turn archived, 640 kB of disk given back"],
  [{ compressed: 2, saved_bytes: 999 }, "2 turns compressed"],
])("what was not done is not told: %o", (fields, told) => {
  expect(words(fields)).toBe(`today at 14:03: ${told}`);
});

test("an older cleanup says its day", () => {
  const yesterday = new Date(2026, 10, 24, 3, 0).toISOString();
  const longAgo = new Date(2025, 2, 3, 3, 0).toISOString();

  expect(words({ ended_at: yesterday, archived: 2 })).toBe("yesterday at 03:00: 2 turns archived");
  expect(words({ ended_at: longAgo, archived: 2 })).toBe("3 March 2025 at 03:00: 2 turns archived");
});

test("a number is not parted from its unit", () => {
  expect(unbroken("3 % of 512 MB in 2 days")).toBe("3\u00a0% of 512\u00a0MB in 2 days");
});

test("each pressure has a sentence of its own", () => {
  expect(new Set(Object.values(pressureWords)).size).toBe(3);
});
