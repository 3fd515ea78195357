// Where the owner writes. Enter sends, Shift-Enter begins a line; the draft outlives the window.

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import * as api from "./api";
import { life } from "./connection";
import { isEnd } from "./life";
import { send } from "./outbox";
import { load, save } from "./storage";

const TALLEST_PX = 240;

const draft = signal(load("draft", ""));
const field: { current: HTMLTextAreaElement | null } = { current: null };

/** Puts these words into the composer, behind what stands there. */
export function edit(text: string): void {
  write(draft.peek().trim() ? `${draft.peek()}\n${text}` : text);
  field.current?.focus();
}

function write(text: string): void {
  draft.value = text;
  save("draft", text);
}

export function Composer() {
  const place = useRef<HTMLTextAreaElement>(null);
  const canSend = life.isLoaded.value && draft.value.trim() !== "";
  const running = life.items.value.find((item) => !isEnd(item.turn.value));

  useLayoutEffect(() => {
    field.current = place.current;
    // On a phone this would raise the keyboard over the conversation.
    if (!matchMedia("(pointer: coarse)").matches) place.current?.focus();
  }, []);
  useLayoutEffect(() => {
    const area = place.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, TALLEST_PX)}px`;
  }, [draft.value]);

  const submit = () => {
    if (!canSend) return;
    send(draft.peek());
    write("");
  };
  // An answer that has ended meanwhile needs no stopping.
  const stop = () => running && void api.stop(running.id).catch(() => undefined);
  const press = (event: KeyboardEvent) => {
    // Enter that ends the composition of a character (229: Safari's way to say so) is no end of a message.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape" && running) stop();
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    submit();
  };

  return (
    <form class="composer" onSubmit={(event) => (event.preventDefault(), submit())}>
      <textarea
        id="composer"
        ref={place}
        rows={1}
        aria-label="Message to Vega"
        placeholder="Say something to Vega"
        autocomplete="off"
        enterkeyhint="send"
        value={draft.value}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={press}
      />
      {running && (
        <button type="button" class="stop" onClick={stop} aria-label="Stop the answer" title="Stop the answer (Esc)">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <rect x="3" y="3" width="10" height="10" rx="2" fill="currentColor" />
          </svg>
        </button>
      )}
      <button type="submit" class="send" disabled={!canSend} aria-label="Send" title="Send (Enter)">
        <svg viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
          <path d="M8 13V3.5M3.5 8 8 3.5 12.5 8" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
      </button>
    </form>
  );
}
