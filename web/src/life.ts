// The life as this window knows it: the turns that are loaded, in order, each in a signal of its own
// so that a piece of an answer redraws that answer alone. It asks for nothing itself.

import { signal, type Signal } from "@preact/signals";
import type { History, LifeEvent, Turn } from "./shapes";

export interface Item {
  readonly id: number;
  readonly at: string;
  readonly turn: Signal<Turn>;
  /**
   * What the next piece of the answer does to the text. History's text is a second behind the
   * stream's, so the stream's first piece replaces it; after that pieces are appended. Of a turn
   * that was loaded in the middle of its stream the pieces are ignored: its end tells all of it.
   */
  piece: "replace" | "append" | "ignore";
}

export const isEnd = (turn: Turn): boolean =>
  turn.status !== "pending" && turn.status !== "answering";

/** By the time they were said, then in order of arrival. */
const isBefore = (a: { at: string; id: number }, b: { at: string; id: number }): boolean =>
  a.at === b.at ? a.id < b.id : a.at < b.at;

export class Life {
  /** Oldest first. */
  readonly items = signal<readonly Item[]>([]);
  /** Where history goes on before the oldest; null at the beginning of the life. */
  readonly older = signal<string | null>(null);
  readonly isLoaded = signal(false);
  /** Turns that stand before the oldest one here, and are no concern of this window yet. */
  private readonly outside = new Set<number>();

  find(id: number): Item | undefined {
    return this.items.value.find((item) => item.id === id);
  }

  /** The newest page of history, at the beginning of a stream that starts afresh. */
  begin(page: History): void {
    const isContinued = !page.next_before || page.turns.some((turn) => this.find(turn.id));
    if (this.isLoaded.value && isContinued) {
      for (const item of this.items.value) item.piece = "replace";
      for (const turn of page.turns) this.place(turn);
    } else {
      this.items.value = page.turns.map((turn) => newItem(turn, "replace")).reverse();
      this.older.value = page.next_before;
      this.outside.clear();
    }
    this.isLoaded.value = true;
  }

  /** The page before the oldest turn. */
  addOlder(page: History): void {
    const fresh = page.turns.filter((turn) => !this.find(turn.id)).reverse();
    for (const turn of fresh) this.outside.delete(turn.id);
    this.items.value = [...fresh.map((turn) => newItem(turn, "ignore")), ...this.items.value];
    this.older.value = page.next_before;
  }

  /** A turn as the server tells it: renewed, or put at its place. */
  place(turn: Turn): void {
    const known = this.find(turn.id);
    if (known) {
      known.turn.value = turn;
      return;
    }
    const item = newItem(turn, "replace");
    const items = this.items.value;
    const next = items.findIndex((other) => isBefore(item, other));
    if (next === 0 && this.older.value) {
      this.outside.add(turn.id);
      return;
    }
    const index = next < 0 ? items.length : next;
    this.items.value = [...items.slice(0, index), item, ...items.slice(index)];
  }

  /** Takes an event in. False when its turn is unknown and must be fetched and placed first. */
  take(event: LifeEvent): boolean {
    if (event.kind === "turn.accepted") {
      if (!this.find(event.data.turn_id)) this.place(accepted(event.data));
      return true;
    }
    if (this.outside.has(event.data.turn_id)) return true;
    const item = this.find(event.data.turn_id);
    if (event.kind === "turn.forgotten") {
      if (item) item.turn.value = forgotten(item.turn.value);
      return true;
    }
    if (!item) return false;
    const turn = item.turn.value;
    switch (event.kind) {
      case "turn.delta":
        if (item.piece === "ignore") break;
        item.turn.value = {
          ...turn,
          status: "answering",
          response: item.piece === "append" ? turn.response + event.data.text : event.data.text,
        };
        item.piece = "append";
        break;
      case "turn.restarted":
        item.turn.value = { ...turn, status: "answering", response: event.data.text };
        item.piece = "append";
        break;
      case "turn.completed":
      case "turn.failed": {
        const { response, status, sources, error = null, note = null } = event.data;
        item.turn.value = { ...turn, response, status, sources, error, note };
      }
    }
    return true;
  }
}

function newItem(turn: Turn, piece: Item["piece"]): Item {
  return { id: turn.id, at: turn.created_at, turn: signal(turn), piece };
}

/** Its place, and nothing that was said. */
function forgotten(turn: Turn): Turn {
  const at = turn.forgotten_at ?? new Date().toISOString();
  return { ...turn, prompt: "", response: "", error: null, note: null, sources: [], forgotten_at: at };
}

function accepted(data: Extract<LifeEvent, { kind: "turn.accepted" }>["data"]): Turn {
  return {
    id: data.turn_id,
    prompt: data.prompt,
    response: "",
    status: "pending",
    created_at: data.created_at,
    origin: data.origin,
    device: data.device,
    error: null,
    note: null,
    sources: [],
  };
}
