// The line at the top: the founding document's figures in the colour of the memory's pressure, what
// stands behind them on hover, tap or focus, and which model answers.

import { computed, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connection } from "./connection";
import { sizeWords } from "./figures";
import { cleanupWords, countWords, pressureWords, unbroken } from "./memory";
import { ModelButton } from "./model";
import type { Metrics } from "./shapes";
import { isWatchedClosely, metrics, now, status } from "./vitals";
import star from "./star.svg";

/** Whether the panel is open: for as long as pointer or focus stay, or until it is closed. */
const shown = signal<"no" | "in passing" | "kept">("no");

/** Whose colour the figures have; without one they are how it was. */
const level = computed(() =>
  connection.value === "online" ? (metrics.value?.memory_manager.pressure ?? "normal") : "",
);

export function Header() {
  return (
    <header class={`top ${level.value}`}>
      <img class="star" src={star} alt="" width="22" height="22" />
      <span class="name">Vega</span>
      <Vitals />
      <ModelButton />
    </header>
  );
}

function Vitals() {
  const isOnline = connection.value === "online";
  const memory = metrics.value?.memory_manager;
  const isShown = shown.value !== "no" && memory !== undefined;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    isWatchedClosely.value = isShown;
    if (!isShown) return;
    const closeOutside = (event: Event) => {
      if (!place.current?.contains(event.target as Node)) close();
    };
    const closeByKey = (event: KeyboardEvent) => event.key === "Escape" && close();
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("keydown", closeByKey);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("keydown", closeByKey);
    };
  }, [isShown]);
  return (
    <div
      ref={place}
      class="vitals-place"
      onPointerEnter={(event) => event.pointerType === "mouse" && showInPassing()}
      onPointerLeave={() => shown.value === "in passing" && close()}
      onFocusOut={(event) => !place.current?.contains(event.relatedTarget as Node) && close()}
    >
      <button
        type="button"
        class={`vitals ${isOnline ? "" : "away"}`}
        aria-expanded={isShown}
        aria-controls="memory"
        aria-describedby={isShown ? "memory-state" : undefined}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && showInPassing()}
        onClick={() => (shown.value = shown.value === "kept" ? "no" : "kept")}
      >
        <span class="state">{isOnline ? "ONLINE" : "OFFLINE"}</span> [JARVIS MODE]{"    "}
        <span class={`figures ${level.value}`}>
          MEM: {memory ? Math.round(memory.process_mb) : "–"}MB | SYS:{" "}
          <span class="percent">{memory ? memory.percent.toFixed(1) : "–"}%</span>
        </span>
      </button>
      {isShown && <MemoryPanel metrics={metrics.value!} isOnline={isOnline} />}
    </div>
  );
}

const close = (): unknown => (shown.value = "no");

function showInPassing(): void {
  if (shown.value === "no") shown.value = "in passing";
}

function MemoryPanel({ metrics, isOnline }: { metrics: Metrics; isOnline: boolean }) {
  const { memory_manager: memory, turns } = metrics;
  const last = memory.last_cleanup;
  const disk = status.value?.disk;
  return (
    <section id="memory" class="memory" aria-label="Memory">
      <p id="memory-state">
        <strong class={memory.pressure}>{pressureWords[memory.pressure]}</strong>{" "}
        {unbroken([memory.reason, memory.activity].filter(Boolean).join(" "))}
      </p>
      <dl class="tiers">
        <Count of={turns.full} kind="turns in full" />
        <Count of={turns.compressed} kind="compressed" />
        <Count of={turns.archived} kind="archived" />
      </dl>
      <p>
        {last ? `Last cleanup ${unbroken(cleanupWords(last, now.value))}.` : "No cleanup was needed yet."}
      </p>
      {disk && disk.state !== "ok" && (
        <p class={disk.state === "full" ? "critical" : "warning"}>
          The disk is {disk.state === "full" ? "full" : "nearly full"}:{" "}
          {unbroken(sizeWords(disk.free_bytes))} are free.
        </p>
      )}
      <p class="fine">
        {unbroken(isOnline ? planWords(memory) : "Vega is away; this is how it was.")}
      </p>
    </section>
  );
}

const planWords = (memory: Metrics["memory_manager"]): string =>
  `Vega itself takes ${Math.round(memory.process_mb)} MB. ` +
  `From ${memory.warning_threshold_percent} % on older turns are compressed, ` +
  `from ${memory.critical_threshold_percent} % on archived, and RAM is given back. ` +
  "Each turn stays whole and can be found.";

function Count({ of, kind }: { of: number; kind: string }) {
  return (
    <div>
      <dt>{kind}</dt>
      <dd>{countWords(of)}</dd>
    </div>
  );
}
