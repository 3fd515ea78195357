// How Vega is, asked every few seconds while somebody looks: the header's figures, what the model is
// waiting for, and what needs the owner's attention.

import { effect, signal } from "@preact/signals";
import * as api from "./api";
import { connection, life } from "./connection";
import { isEnd } from "./life";
import type { Metrics, VegaStatus } from "./shapes";

const CALM_MS = 5_000;
/** While an answer is waited for, or somebody looks closely. */
const KEEN_MS = 1_500;

export const metrics = signal<Metrics | null>(null);
export const status = signal<VegaStatus | null>(null);
/** So that "today" turns into "yesterday" at midnight. */
export const now = signal(new Date());
/** Whether the figures are looked at, and not only seen. */
export const isWatchedClosely = signal(false);

export function watch(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async () => {
    clearTimeout(timer);
    now.value = new Date();
    if (!document.hidden && connection.peek() === "online") {
      await Promise.allSettled([
        api.metrics().then((found) => (metrics.value = found)),
        api.status().then((found) => (status.value = found)),
      ]);
    }
    clearTimeout(timer);
    timer = setTimeout(look, isWatchedClosely.peek() || isAnswerAwaited() ? KEEN_MS : CALM_MS);
  };
  document.addEventListener("visibilitychange", look);
  effect(() => {
    if (connection.value === "online") void look();
  });
  effect(() => {
    if (isWatchedClosely.value) void look();
  });
}

function isAnswerAwaited(): boolean {
  return life.items.peek().some((item) => !isEnd(item.turn.peek()) && !item.turn.peek().response);
}
