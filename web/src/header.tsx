// The line at the top: the founding document's figures, and which model answers.

import { connection } from "./connection";
import { ModelButton } from "./model";
import { pressure } from "./pressure";
import { metrics } from "./vitals";
import star from "./star.svg";

export function Header() {
  return (
    <header class="top">
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
  const level = memory ? pressure(memory) : "normal";
  return (
    <p class={`vitals ${isOnline ? "" : "away"}`}>
      <span class="state">{isOnline ? "ONLINE" : "OFFLINE"}</span> [JARVIS MODE]{"    "}
      <span title="Memory of Vega's own process">
        MEM: {memory ? Math.round(memory.process_mb) : "–"}MB
      </span>
      {" | "}
      <span title={`System memory in use: ${level}`}>
        SYS: <span class={`percent ${level}`}>{memory ? memory.system_percent.toFixed(1) : "–"}%</span>
      </span>
    </p>
  );
}
