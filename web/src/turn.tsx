// One turn: what was said, and the answer as safe Markdown with where it came from.

import type { Token } from "marked";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import * as api from "./api";
import { connection, life } from "./connection";
import { isEnd, type Item } from "./life";
import { blocks, html } from "./markdown";
import type { Source, Turn } from "./shapes";
import { showTurn } from "./sources";
import { clockWords, dateWords, fullWords } from "./time";
import { now, status } from "./vitals";

const ORIGINS: Record<string, string> = {
  api: "by a program",
  terminal: "in the terminal",
  import: "imported",
  home: "to the home",
  title: "by another page",
  tool: "by a tool",
};

export function TurnView({ item }: { item: Item }) {
  const turn = item.turn.value;
  if (turn.forgotten_at) {
    return (
      <article id={`turn-${turn.id}`} class="turn" tabIndex={-1} aria-label="A forgotten turn">
        <p class="small">
          <span>Forgotten.</span> <Time at={turn.created_at} />
        </p>
      </article>
    );
  }
  return (
    <article id={`turn-${turn.id}`} class="turn" tabIndex={-1} aria-label={label(turn)}>
      <Prompt text={turn.prompt}>
        <Time at={turn.created_at} />
        {turn.origin !== "page" && <span>{ORIGINS[turn.origin] ?? turn.origin}</span>}
      </Prompt>
      <Answer turn={turn} />
    </article>
  );
}

export function Prompt({ text, children }: { text: string; children: ComponentChildren }) {
  return (
    <div class="prompt">
      <p class="bubble">{text}</p>
      <p class="small">{children}</p>
    </div>
  );
}

export function Time({ at }: { at: string }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={fullWords(date)}>
      {clockWords(date)}
    </time>
  );
}

function Answer({ turn }: { turn: Turn }) {
  return (
    <div class={`answer ${turn.status}`}>
      <Markdown text={turn.response} />
      {!isEnd(turn) && <Waiting turn={turn} />}
      {turn.status === "failed" && <p class="failure">{turn.error ?? "The answer failed."}</p>}
      <p class="small">
        {turn.status === "stopped" && <span>Stopped.</span>}
        {turn.status === "completed" && turn.note && <span class="note">{turn.note}</span>}
        <Sources sources={turn.sources} />
        {(turn.status === "failed" || turn.status === "stopped") && <Again id={turn.id} />}
      </p>
    </div>
  );
}

/** What keeps an answer from coming; three dots while it is only a matter of seconds. */
function Waiting({ turn }: { turn: Turn }) {
  const model = status.value?.model;
  const reason = connection.value === "online" && model && !model.reachable ? model.reason : null;
  if (reason) {
    return <p class="calm">{reason} Your words are kept; the answer comes as soon as it can.</p>;
  }
  return turn.response ? null : <p class="dots" role="img" aria-label="Vega is thinking" />;
}

/** The turns that an answer rests on, as links to them. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  if (sources.length === 0) return null;
  return (
    <span class="sources" role="group" aria-label="Where this answer comes from">
      {sources.map((source) => (
        <SourceLink key={source.turn_id} source={source} />
      ))}
    </span>
  );
}

function SourceLink({ source }: { source: Source }) {
  const date = new Date(source.at);
  return (
    <button type="button" class="link" title={fullWords(date)} onClick={() => showTurn(source.turn_id)}>
      from {dateWords(date, now.value)}, {clockWords(date)}
    </button>
  );
}

function Again({ id }: { id: number }) {
  const askAgain = async () => {
    const item = life.find(id);
    const before = item?.turn.peek();
    try {
      await api.askAgain(id);
    } catch {
      // The button is still there.
      return;
    }
    // The stream tells of the new answer only when it begins, which may even have happened by now.
    if (item && before && item.turn.peek() === before) {
      item.turn.value = { ...before, status: "pending", error: null };
    }
  };
  return (
    <button type="button" class="link" onClick={askAgain}>
      Ask again
    </button>
  );
}

export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => blocks(text), [text]);
  const definitions = Object.keys(tokens.links).length;
  return (
    <div class="markdown">
      {tokens.map((token, index) => (
        <Block key={index} token={token} definitions={definitions} />
      ))}
    </div>
  );
}

/** Made anew only when its own text has changed, or there are more definitions for its links. */
function Block({ token, definitions }: { token: Token; definitions: number }) {
  const place = useRef<HTMLDivElement>(null);
  const clean = useMemo(() => html(token), [token.raw, definitions]);
  useLayoutEffect(() => place.current?.querySelectorAll("pre").forEach(addCopyButton), [clean]);
  return <div ref={place} dangerouslySetInnerHTML={{ __html: clean }} />;
}

function addCopyButton(code: HTMLPreElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(code.textContent ?? "");
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1_500);
    } else {
      // There is none where the page comes over plain HTTP from another machine.
      getSelection()?.selectAllChildren(code);
    }
  });
  const frame = document.createElement("div");
  frame.className = "code";
  code.replaceWith(frame);
  frame.append(code, button);
}

const label = (turn: Turn): string =>
  `${turn.prompt.slice(0, 80)}, ${fullWords(new Date(turn.created_at))}`;
