// Server-sent events over fetch: unlike EventSource it can begin at any event, sees the status of a
// refusal, and notices a connection that has died without a word.

import { ask, Away } from "./api";
import type { LifeEvent } from "./shapes";

/** Vega says something at least every 15 seconds. */
const SILENCE_MS = 40_000;

/** The events in a stream's text, which may come in any pieces. */
export async function* parse(pieces: AsyncIterable<string>): AsyncGenerator<LifeEvent> {
  let rest = "";
  let fields: Record<string, string> = {};
  for await (const piece of pieces) {
    // Not by any other line end: an answer may hold a U+2028.
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines.map((one) => one.replace(/\r$/, ""))) {
      if (line) {
        const [, name, text] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
        if (name) fields[name] = text ?? "";
        continue;
      }
      if (fields.event && fields.data) {
        const { event: kind, id = "", data } = fields;
        yield { kind, id, data: JSON.parse(data) } as LifeEvent;
      }
      fields = {};
    }
  }
}

/** Opens a stream. It is open once this returns; its end, also a sudden one, is Away. */
export async function open(
  method: string,
  path: string,
  options: RequestInit,
  closing: AbortSignal,
): Promise<AsyncGenerator<LifeEvent>> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const signal = AbortSignal.any([closing, silence.signal]);
  const answer = await ask(method, path, { ...options, signal }).finally(() => clearTimeout(timer));
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();

  async function* pieces(): AsyncGenerator<string> {
    try {
      while (reader) {
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        const { done, value } = await reader.read();
        clearTimeout(timer);
        if (done) return;
        yield value;
      }
    } catch (error) {
      throw new Away(String(error));
    } finally {
      clearTimeout(timer);
      await reader?.cancel().catch(() => undefined);
    }
  }
  return parse(pieces());
}
