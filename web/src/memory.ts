// How memory stands and what was done about it, in words. Pure: what time it is, is handed in.

import { sizeWords } from "./figures";
import type { Cleanup, Pressure } from "./shapes";
import { clockWords, dateWords } from "./time";

export const pressureWords: Record<Pressure, string> = {
  normal: "There is enough memory.",
  warning: "Memory is getting scarce.",
  critical: "Memory is scarce.",
};

/** "today at 14:03: 100 turns compressed, 2.1 MB of text saved, 30 MB of RAM given back". */
export function cleanupWords(cleanup: Cleanup, now: Date, locale?: string): string {
  const at = new Date(cleanup.ended_at);
  const turns = ([["compressed", cleanup.compressed], ["archived", cleanup.archived]] as const)
    .filter(([, count]) => count > 0)
    .map(([done, count], index) => `${countWords(count, locale)}${index ? "" : turnWord(count)} ${done}`);
  const sizes = ([
    ["of text saved", cleanup.saved_bytes],
    ["of disk given back", cleanup.disk_bytes],
    ["of RAM given back", cleanup.memory_bytes],
  ] as const)
    .filter(([, bytes]) => bytes >= 1_000)
    .map(([done, bytes]) => `${sizeWords(bytes)} ${done}`);
  const done = [...turns, ...sizes].join(", ") || "nothing to do";
  return `${dateWords(at, now, locale)} at ${clockWords(at, locale)}: ${done}`;
}

/** A number stays in one line with its unit. */
export const unbroken = (text: string): string => text.replace(/(\d) (%|kB|MB|GB)/g, "$1\u00a0$2");

export const countWords = (count: number, locale?: string): string => count.toLocaleString(locale);

const turnWord = (count: number): string => (count === 1 ? " turn" : " turns");
