// Server-sent events out of text that comes in any pieces.

import { expect, test } from "vitest";
import type { LifeEvent } from "../src/shapes";
import { parse } from "../src/stream";

const STREAM =
  ": vega\n\n" +
  'event: turn.delta\ndata: {"turn_id": 2, "text": "The\u2028moon: it"}\nid: 4.2.1.3\n\n' +
  ": keep-alive\n\n" +
  'event: turn.delta\r\ndata: {"turn_id": 2, "text": " shines"}\r\nid: 4.2.1.8\r\n\r\n';

async function read(...pieces: string[]): Promise<LifeEvent[]> {
  async function* all() {
    yield* pieces;
  }
  const events = [];
  for await (const event of parse(all())) events.push(event);
  return events;
}

const EVENTS = [
  { kind: "turn.delta", id: "4.2.1.3", data: { turn_id: 2, text: "The\u2028moon: it" } },
  { kind: "turn.delta", id: "4.2.1.8", data: { turn_id: 2, text: " shines" } },
];

test("comments are no events, and ids and data are read", async () => {
  expect(await read(STREAM)).toEqual(EVENTS);
});

test("a stream in single characters is the same", async () => {
  expect(await read(...STREAM.split(""))).toEqual(EVENTS);
});

test("an event that breaks off is none", async () => {
  expect(await read(STREAM.slice(0, 60))).toEqual([]);
});
