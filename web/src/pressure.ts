// How scarce memory is, by the thresholds that Vega tells.

import type { Metrics } from "./shapes";

export type Pressure = "normal" | "warning" | "critical";

export function pressure(memory: Metrics["memory_manager"]): Pressure {
  if (memory.system_percent >= memory.critical_threshold_percent) return "critical";
  return memory.system_percent >= memory.warning_threshold_percent ? "warning" : "normal";
}
