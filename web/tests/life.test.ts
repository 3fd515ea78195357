// The life's state: what history and the stream tell, in whatever order, adds up to the same turns.

import { expect, test } from "vitest";
import { Life } from "../src/life";
import type { LifeEvent, Turn } from "../src/shapes";

const at = (minute: number) => `2026-11-23T10:${String(minute).padStart(2, "0")}:00.000001+00:00`;

function turn(id: number, fields: Partial<Turn> = {}): Turn {
  return {
    id,
    prompt: `prompt ${id}`,
    response: `answer ${id}`,
    status: "completed",
    created_at: at(id),
    origin: "page",
    device: null,
    error: null,
    note: null,
    sources: [],
    ...fields,
  };
}

const answering = (id: number, response: string) => turn(id, { status: "answering", response });
const accepted = (id: number): LifeEvent => ({
  id: "1",
  kind: "turn.accepted",
  data: { turn_id: id, prompt: `prompt ${id}`, created_at: at(id), origin: "api", device: null },
});
const delta = (id: number, text: string): LifeEvent => ({
  id: "1",
  kind: "turn.delta",
  data: { turn_id: id, text },
});
const restarted = (id: number, text: string): LifeEvent => ({
  id: "1",
  kind: "turn.restarted",
  data: { turn_id: id, text },
});
const completed = (id: number, response: string, note: string | null = null): LifeEvent => ({
  id: "1",
  kind: "turn.completed",
  data: { turn_id: id, response, status: "completed", sources: [], note },
});

function begun(turns: Turn[], older: string | null = null): Life {
  const life = new Life();
  life.begin({ turns: [...turns].reverse(), next_before: older });
  return life;
}

const ids = (life: Life) => life.items.value.map((item) => item.id);
const shown = (life: Life, id: number) => life.find(id)?.turn.value;

test("history comes newest first and stands oldest first", () => {
  expect(ids(begun([turn(1), turn(2), turn(3)]))).toEqual([1, 2, 3]);
});

test("the stream's first piece replaces what history had of the answer", () => {
  const life = begun([answering(1, "You sa")]);

  life.take(delta(1, "You said"));
  life.take(delta(1, " hello"));

  expect(shown(life, 1)?.response).toBe("You said hello");
});

test("a stream that joins in the middle tells the whole text first", () => {
  const life = begun([answering(1, "You sa")]);

  life.take(restarted(1, "You said hel"));
  life.take(delta(1, "lo"));

  expect(shown(life, 1)).toMatchObject({ response: "You said hello", status: "answering" });
});

test("a stream that comes back goes on where it was", () => {
  const life = begun([]);
  life.take(accepted(1));
  life.take(delta(1, "word1"));

  life.take(delta(1, " word2"));

  expect(shown(life, 1)?.response).toBe("word1 word2");
});

test("a prompt that history and the stream both tell of is one turn", () => {
  const life = begun([turn(1)]);

  life.take(accepted(1));

  expect(ids(life)).toEqual([1]);
  expect(shown(life, 1)?.status).toBe("completed");
});

test("an end carries the whole answer, its sources and its note", () => {
  const life = begun([]);
  life.take(accepted(1));

  life.take(completed(1, "Your favorite color is blue.", "another model answered"));

  expect(shown(life, 1)).toMatchObject({
    response: "Your favorite color is blue.",
    status: "completed",
    note: "another model answered",
  });
});

test("a failure carries its reason", () => {
  const life = begun([]);
  life.take(accepted(1));

  life.take({
    id: "1",
    kind: "turn.failed",
    data: { turn_id: 1, response: "", status: "failed", sources: [], error: "No such thing." },
  });

  expect(shown(life, 1)).toMatchObject({ status: "failed", error: "No such thing." });
});

test("a turn that is asked again is being answered again", () => {
  const life = begun([turn(1, { status: "failed", error: "Out of luck." })]);

  life.take(restarted(1, "This"));
  life.take(delta(1, " time"));

  expect(shown(life, 1)).toMatchObject({ status: "answering", response: "This time" });
});

test("an event of an unknown turn asks for the turn", () => {
  const life = begun([turn(2)]);

  expect(life.take(delta(1, "x"))).toBe(false);
  life.place(answering(1, "old"));
  expect(life.take(delta(1, "x"))).toBe(true);

  expect(ids(life)).toEqual([1, 2]);
});

test("a turn of before the loaded history waits until its page is loaded", () => {
  const life = begun([turn(5), turn(6)], "cursor");

  life.place(turn(1));
  expect(ids(life)).toEqual([5, 6]);
  expect(life.take(delta(1, "x"))).toBe(true);
  life.addOlder({ turns: [turn(4), turn(1)], next_before: null });

  expect(ids(life)).toEqual([1, 4, 5, 6]);
  expect(life.older.value).toBeNull();
});

test("pieces of a turn whose beginning was missed are left to its end", () => {
  const life = begun([turn(5)], "cursor");
  life.addOlder({ turns: [answering(1, "half of")], next_before: null });

  life.take(delta(1, "the rest"));
  expect(shown(life, 1)?.response).toBe("half of");
  life.take(completed(1, "half of the rest"));

  expect(shown(life, 1)?.response).toBe("half of the rest");
});

test("imported years stand where they belong", () => {
  const life = begun([turn(8, { created_at: at(30) })]);

  life.place(turn(9, { created_at: at(10) }));

  expect(ids(life)).toEqual([9, 8]);
});

test("a fresh beginning keeps the older turns where it joins them", () => {
  const life = begun([turn(1), turn(2)]);

  life.begin({ turns: [turn(3), turn(2)], next_before: "cursor" });

  expect(ids(life)).toEqual([1, 2, 3]);
  expect(life.older.value).toBeNull();
});

test("a fresh beginning that joins nothing leaves no gap", () => {
  const life = begun([turn(1), turn(2)]);

  life.begin({ turns: [turn(52), turn(51)], next_before: "cursor" });

  expect(ids(life)).toEqual([51, 52]);
  expect(life.older.value).toBe("cursor");
});

test("a forgotten turn loses its words, and an unknown one is no matter", () => {
  const life = begun([turn(1), turn(2, { note: "a note", sources: [{ turn_id: 1, at: at(1) }] })]);
  const forgotten = (id: number): LifeEvent => ({
    id: "1",
    kind: "turn.forgotten",
    data: { turn_id: id },
  });
  expect(life.take(forgotten(2))).toBe(true);
  expect(life.take(forgotten(99))).toBe(true);
  expect(life.find(2)?.turn.value).toMatchObject({ prompt: "", response: "", note: null, sources: [] });
  expect(life.find(2)?.turn.value.forgotten_at).toBeTruthy();
  expect(life.find(1)?.turn.value).toEqual(turn(1));
});
