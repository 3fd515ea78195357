// The one stream that keeps this window in step with the life: opened, followed, opened again.
//
// Where the stream starts is fixed before history is asked for, and its events are read after history
// is in: so nothing falls between the two, and what comes by both ways is the same turn. Coming back,
// the last event's id takes up exactly there, and history is not needed again.

import { signal } from "@preact/signals";
import * as api from "./api";
import { Life } from "./life";
import type { LifeEvent } from "./shapes";
import { open } from "./stream";

export type Connection = "connecting" | "online" | "offline" | "unpaired";

export const life = new Life();
export const connection = signal<Connection>("connecting");
/** Why Vega refuses this window, in its own words; null when it does not. */
export const refusal = signal<string | null>(null);

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

let lastEventId: string | null = null;

/** Follows the life for as long as the page is there. */
export async function follow(): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    // Browsers grant six connections to a server for all windows together: a hidden one gives its
    // own back and resumes when it is looked at.
    await shown();
    const hidden = new AbortController();
    const hide = () => document.hidden && hidden.abort();
    document.addEventListener("visibilitychange", hide);
    try {
      for await (const event of await begin(hidden.signal)) {
        pauseMs = FIRST_PAUSE_MS;
        await take(event);
        lastEventId = event.id;
      }
    } catch (error) {
      if (hidden.signal.aborted) continue;
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      note(error);
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
    await pause(pauseMs);
  }
}

/** The turns before the oldest one; `before` is called when they are about to be put in. */
export async function loadOlder(before: () => void): Promise<void> {
  const cursor = life.older.peek();
  if (!cursor) return;
  const page = await api.history(cursor);
  // A stream that has begun afresh meanwhile has a history of its own.
  if (life.older.peek() !== cursor) return;
  before();
  life.addOlder(page);
}

/** After this time, or as soon as it is worth another try. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      for (const name of ["online", "focus"]) window.removeEventListener(name, go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    for (const name of ["online", "focus"]) window.addEventListener(name, go);
  });
}

async function begin(closing: AbortSignal): Promise<AsyncGenerator<LifeEvent>> {
  const headers: HeadersInit = lastEventId === null ? {} : { "Last-Event-ID": lastEventId };
  const events = await open("GET", "/api/events", { headers }, closing);
  if (lastEventId === null) life.begin(await api.history(null));
  refusal.value = null;
  connection.value = "online";
  return events;
}

async function take(event: LifeEvent): Promise<void> {
  if (!event.kind.startsWith("turn.") || life.take(event)) return;
  life.place(await api.turn(event.data.turn_id));
  life.take(event);
}

function note(error: unknown): void {
  if (error instanceof api.Refused) {
    refusal.value = error.message;
    // The id belongs to another life: begin anew.
    if (error.status === 422) lastEventId = null;
    if (error.status === 401) {
      connection.value = "unpaired";
      return;
    }
  } else if (!(error instanceof api.Away)) {
    // A mistake of the page's own; whatever it was, another try begins afresh.
    console.error(error);
    lastEventId = null;
  }
  connection.value = "offline";
}

function shown(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true });
  });
}
