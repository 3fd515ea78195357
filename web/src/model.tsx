// Which model answers, what it cannot do, and the offer of a better one: calm, and gone when dismissed.

import { computed, effect, signal } from "@preact/signals";
import * as api from "./api";
import { connection } from "./connection";
import { rateWords, sizeWords } from "./figures";
import type { Model, Models } from "./shapes";
import { load, save } from "./storage";
import { durationWords } from "./time";
import { status } from "./vitals";

const LOOK_MS = 1_000;

const models = signal<Models | null>(null);
/** Opened or closed by the owner; null when the offer decides. */
const isOpened = signal<boolean | null>(null);
const dismissed = signal<string | null>(load<string | null>("dismissed", null));
const trouble = signal<string | null>(null);

/** What the card is about beside the present model: what is on its way, else what is offered. */
const subject = computed<Model | null>(() => {
  const { models: all = [], offer = null } = models.value ?? {};
  const isOnItsWay = (model: Model) => ["fetching", "paused", "failed"].includes(model.state);
  const offered = all.find((model) => model.id === offer?.id && !model.is_current);
  return all.find(isOnItsWay) ?? offered ?? null;
});

const isShown = computed(
  () => isOpened.value ?? (subject.value !== null && subject.value.id !== dismissed.value),
);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Asks for the models, and goes on asking while one is on its way. */
async function look(): Promise<void> {
  clearTimeout(timer);
  // A Vega without this route has no models to choose from.
  models.value = await api.models().catch(() => models.peek());
  clearTimeout(timer);
  if (subject.peek()?.state === "fetching") timer = setTimeout(look, LOOK_MS);
}

/** Keeps up with the models: whenever another one answers or is offered. */
export function watchModels(): void {
  const present = computed(() => JSON.stringify([connection.value === "online", status.value?.model]));
  effect(() => {
    if (present.value.startsWith("[true")) void look();
  });
}

export function ModelButton() {
  const found = models.value;
  if (!found) return null;
  const isOffered = subject.value !== null && !isShown.value;
  return (
    <button
      type="button"
      class="model-button"
      aria-expanded={isShown.value}
      aria-controls="model"
      title={isOffered ? "A better model is on offer" : "The model that answers"}
      onClick={() => toggle(!isShown.value)}
    >
      {isOffered && <span class="offer-dot" aria-label="New:" role="img" />}
      <span class="model-name">{found.current?.name ?? "no model"}</span>
    </button>
  );
}

function toggle(isOpen: boolean): void {
  isOpened.value = isOpen;
  trouble.value = null;
  if (!isOpen && subject.value) {
    dismissed.value = subject.value.id;
    save("dismissed", subject.value.id);
  }
}

export function ModelCard() {
  const found = models.value;
  if (!found || !isShown.value) return null;
  return (
    <section id="model" class="card" aria-label="The model">
      <button type="button" class="close" aria-label="Close" onClick={() => toggle(false)}>
        ×
      </button>
      <Present models={found} />
      {subject.value && <Better model={subject.value} offer={found.offer} />}
      {trouble.value && <p class="failure">{trouble.value}</p>}
    </section>
  );
}

function Present({ models: { current, reason } }: { models: Models }) {
  if (!current) return <p>{reason ?? "No model answers now. What you say is kept."}</p>;
  return (
    <p>
      <strong>{current.name}</strong> answers now, on {current.place}.
      {!current.is_able && " It is small, and often wrong."}
    </p>
  );
}

function Better({ model, offer }: { model: Model; offer: Models["offer"] }) {
  const act = (request: (id: string) => Promise<unknown>) => async () => {
    trouble.value = null;
    isOpened.value = true;
    try {
      await request(model.id);
      await look();
    } catch (error) {
      trouble.value = error instanceof api.Refused ? error.message : "Vega is away; try again in a moment.";
    }
  };
  const button = (words: string, request: (id: string) => Promise<unknown>, kind = "main") => (
    <button type="button" class={kind} onClick={act(request)}>
      {words}
    </button>
  );
  switch (model.state) {
    case "fetching":
      return (
        <>
          <Progress model={model} />
          <p>{button("Pause", api.stopPull, "quiet")}</p>
        </>
      );
    case "paused":
      return (
        <>
          <Progress model={model} />
          <p>{button("Go on", api.pull)}</p>
        </>
      );
    case "failed":
      return (
        <>
          <p class="failure">{model.error ?? `${model.id} could not be fetched.`}</p>
          <p>{button("Try again", api.pull)}</p>
        </>
      );
    case "here":
      return (
        <p>
          {model.id} is here. {button("Use it", api.use)}
        </p>
      );
    default:
      return (
        <>
          <p>{offer?.text ?? model.description}</p>
          <p>{button("Get it", api.pull)}</p>
        </>
      );
  }
}

function Progress({ model }: { model: Model }) {
  const { done_bytes: done, total_bytes: total, bytes_per_second: rate } = model.progress ?? {
    done_bytes: 0,
    total_bytes: model.size_bytes ?? 0,
    bytes_per_second: 0,
  };
  const left = rate > 0 ? `, ${durationWords((total - done) / rate)} left` : "";
  const how = model.state === "paused" ? ", paused" : rate > 0 ? ` at ${rateWords(rate)}${left}` : "";
  return (
    <>
      <p>
        {model.id}: {sizeWords(done)} of {sizeWords(total)}
        {how}
      </p>
      <progress max={total || 1} value={done} aria-label={`Fetching ${model.id}`} />
    </>
  );
}
