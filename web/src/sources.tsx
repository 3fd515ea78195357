// From an answer to the turn that it rests on: scrolled to where it is loaded, else shown by itself,
// however far back it lies.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import * as api from "./api";
import { life } from "./connection";
import type { Turn } from "./shapes";
import { dayWords } from "./time";
import { Markdown, Prompt, Time } from "./turn";
import { now } from "./vitals";

const shown = signal<Turn | null>(null);

export async function showTurn(id: number): Promise<void> {
  const element = life.find(id) && document.getElementById(`turn-${id}`);
  if (element) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    element.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
    element.focus({ preventScroll: true });
  } else {
    shown.value = await api.turn(id).catch(() => null);
  }
}

export function SourceDialog() {
  const turn = shown.value;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (turn) dialog.current?.showModal();
  }, [turn]);
  if (!turn) return null;
  const close = () => (shown.value = null);
  return (
    <dialog ref={dialog} class="source" aria-label="An earlier turn" onClose={close}>
      <p class="day">{dayWords(new Date(turn.created_at), now.value)}</p>
      <Prompt text={turn.prompt}>
        <Time at={turn.created_at} />
      </Prompt>
      <div class="answer">
        <Markdown text={turn.response} />
      </div>
      <form method="dialog">
        <button class="quiet">Close</button>
      </form>
    </dialog>
  );
}
