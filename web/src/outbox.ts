// Prompts that Vega has not accepted yet. Each is kept in the browser, under the key that makes it safe
// to send again, until Vega has it: so none is lost and none is doubled, whatever falls over meanwhile.
// Each stands under a name of its own, because several windows share them; any of them may send it.

import { effect, signal } from "@preact/signals";
import { Away, Refused } from "./api";
import { connection, life, pause } from "./connection";
import { deviceName } from "./device";
import { open } from "./stream";

export interface Unsent {
  key: string;
  prompt: string;
  at: number;
  timezone: string;
  /** The newest turn when it was written: its own turn is a later one. */
  after: number;
}

const PREFIX = "vega.unsent.";
const RETRY_MS = 1_000;

export const unsent = signal<readonly Unsent[]>(stored() ?? []);
/** Why the first of them is not accepted yet, in Vega's words. */
export const delay = signal<string | null>(null);
/** Why Vega will not take a prompt, by its key. */
export const refusals = signal<ReadonlyMap<string, string>>(new Map());

export function send(prompt: string): void {
  const item: Unsent = {
    key: newKey(),
    prompt,
    at: Date.now(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    after: newestId(),
  };
  keep(item);
  unsent.value = [...unsent.value, item];
}

/** Lets go of a prompt: Vega has it, or the owner wants it back. */
export function drop(item: Unsent): void {
  try {
    localStorage.removeItem(PREFIX + item.key);
  } catch {
    // Then it was never kept there.
  }
  unsent.value = unsent.value.filter((other) => other.key !== item.key);
}

/**
 * Those that are to be shown: while one is on its way, its turn may already be there by the life's
 * stream. Each turn stands for one prompt.
 */
export function waiting(items: readonly Unsent[]): Unsent[] {
  const arrived = life.items.value.map((item) => item.turn.peek());
  const taken = new Set<number>();
  return items.filter((item) => {
    const turn = arrived.find(
      (one) => one.id > item.after && one.prompt === item.prompt && !taken.has(one.id),
    );
    if (turn) taken.add(turn.id);
    return !turn;
  });
}

/** Sends what there is, one after the other, for as long as the page is there. */
export async function deliver(): Promise<void> {
  window.addEventListener("storage", (event) => {
    if (event.key === null || event.key.startsWith(PREFIX)) unsent.value = stored() ?? unsent.value;
  });
  for (;;) {
    await until(() => connection.value === "online" && next() !== undefined);
    const item = next();
    if (item) await deliverOne(item);
  }
}

async function deliverOne(item: Unsent): Promise<void> {
  try {
    const turnId = await post(item);
    delay.value = null;
    drop(item);
    for (const other of unsent.value) {
      if (other.after < turnId) keep(Object.assign(other, { after: turnId }));
    }
  } catch (error) {
    if (error instanceof Refused) {
      const { status, message, retryAfterSeconds } = error;
      if (status === 401) {
        connection.value = "unpaired";
      } else if (status === 429 || status >= 500) {
        delay.value = message;
        await pause(1000 * (retryAfterSeconds ?? 1));
      } else {
        refusals.value = new Map(refusals.value).set(item.key, message);
      }
      return;
    }
    if (!(error instanceof Away)) throw error;
    await pause(RETRY_MS);
  }
}

/** The turn's id, once it is on Vega's disk. The answer itself comes by the life's stream. */
async function post(item: Unsent): Promise<number> {
  const leaving = new AbortController();
  const body = {
    prompt: item.prompt,
    timezone: item.timezone,
    origin: "page",
    device: deviceName(),
    stream: true,
  };
  const headers = { "Content-Type": "application/json", "Idempotency-Key": item.key };
  const options = { body: JSON.stringify(body), headers };
  const events = await open("POST", "/api/chat", options, leaving.signal);
  try {
    for await (const event of events) return event.data.turn_id;
  } finally {
    leaving.abort();
  }
  throw new Away("The stream ended before the prompt was accepted.");
}

const next = (): Unsent | undefined =>
  unsent.value.find((item) => !refusals.value.has(item.key));

const newestId = (): number => Math.max(0, ...life.items.value.map((item) => item.id));

function keep(item: Unsent): void {
  try {
    localStorage.setItem(PREFIX + item.key, JSON.stringify(item));
  } catch {
    // It lives as long as this window then.
  }
}

/** What is kept, oldest first; null where the browser keeps nothing. */
function stored(): Unsent[] | null {
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => JSON.parse(localStorage.getItem(name) ?? "") as Unsent)
      .sort((a, b) => a.at - b.at);
  } catch {
    return null;
  }
}

/** Not crypto.randomUUID, which is missing where the page comes over plain HTTP from another machine. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Resolves as soon as signals make that true. */
function until(isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (isTrue()) queueMicrotask(() => (stop(), resolve()));
    });
  });
}
