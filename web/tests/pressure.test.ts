// The header's colour follows the thresholds that Vega tells.

import { expect, test } from "vitest";
import { pressure } from "../src/pressure";

const memory = (percent: number, warning = 80, critical = 90) => ({
  process_mb: 1234,
  system_percent: percent,
  warning_threshold_percent: warning,
  critical_threshold_percent: critical,
});

test.each([
  [65.3, "normal"],
  [79.9, "normal"],
  [80, "warning"],
  [82, "warning"],
  [90, "critical"],
  [92, "critical"],
])("%d percent is %s", (percent, level) => {
  expect(pressure(memory(percent))).toBe(level);
});

test("a machine with other thresholds has other colours", () => {
  expect(pressure(memory(72, 70, 85))).toBe("warning");
  expect(pressure(memory(86, 85, 95))).toBe("warning");
});
