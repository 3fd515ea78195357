"""Judges how scarce memory is, from readings: normal, warning or critical, and why.

Becoming worse is immediate, becoming better takes a margin, so that a value which trembles around
a threshold does not start one cleanup after the other. Looks at nothing itself; that is
`vega.core.pressure.memory_probe`.
"""

from dataclasses import dataclass

from vega.core.memory import MemoryReading, Pressure

#: A state is left when its sign is this far below the threshold.
MARGIN_POINTS = 5.0
#: Percent of the last ten seconds in which some of the work waited for memory.
SOME_STALLED_PERCENT = 10.0
#: The same of all work: the kernel's documents call this state thrashing.
ALL_STALLED_PERCENT = 10.0


@dataclass(frozen=True, slots=True)
class _Sign:
    """One value that speaks of scarcity from a threshold on."""

    name: str
    pressure: Pressure
    value: float | None
    threshold: float
    #: A sentence for the owner.
    reason: str


class PressureGauge:
    """Holds the state of pressure, which outlasts a reading, and its reason as a sentence."""

    def __init__(self, warning_threshold_percent: float, critical_threshold_percent: float) -> None:
        self.pressure = Pressure.NORMAL
        self.reason = "Memory was not looked at yet."
        self._warning_percent = warning_threshold_percent
        self._critical_percent = critical_threshold_percent
        self._held: frozenset[str] = frozenset()
        self._limit_hits: int | None = None

    def judge(self, reading: MemoryReading) -> Pressure:
        held = [sign for sign in self._signs(reading) if self._holds(sign)]
        hits = self._new_limit_hits(reading)
        self._held = frozenset(sign.name for sign in held)
        if held:
            self.pressure, self.reason = held[0].pressure, held[0].reason
        elif hits:
            times = "once" if hits == 1 else f"{hits:,} times"
            self.pressure = Pressure.WARNING
            self.reason = f"Vega ran into its memory limit {times} since the last look."
        else:
            self.pressure, self.reason = Pressure.NORMAL, _in_use(reading)
        return self.pressure

    def _signs(self, reading: MemoryReading) -> tuple[_Sign, ...]:
        """The worst first."""
        critical, warning, in_use = Pressure.CRITICAL, Pressure.WARNING, _in_use(reading)
        some, full = reading.psi_some_percent, reading.psi_full_percent
        return (
            _Sign("critical", critical, reading.percent, self._critical_percent, in_use),
            _Sign("full", critical, full, ALL_STALLED_PERCENT, _waited("All work", full)),
            _Sign("warning", warning, reading.percent, self._warning_percent, in_use),
            _Sign("some", warning, some, SOME_STALLED_PERCENT, _waited("Some of the work", some)),
        )

    def _holds(self, sign: _Sign) -> bool:
        margin = MARGIN_POINTS if sign.name in self._held else 0.0
        return sign.value is not None and sign.value >= sign.threshold - margin

    def _new_limit_hits(self, reading: MemoryReading) -> int:
        """How often a limit was run into since the last reading, for want of memory.

        Whoever reads a large file below a limit runs into it hundreds of times a second, and each
        time the kernel drops pages of that file: no want, and next to nothing of the limit in use.
        """
        before = self._limit_hits
        if reading.limit_hits is not None:
            self._limit_hits = reading.limit_hits
        if before is None or self._limit_hits is None:
            return 0
        is_nearly_used = (reading.cgroup_percent or 0.0) >= self._warning_percent - MARGIN_POINTS
        return max(0, self._limit_hits - before) if is_nearly_used else 0


def _in_use(reading: MemoryReading) -> str:
    # Rounded down, so that no sentence names a threshold that was not reached.
    percent = int(reading.percent)
    if reading.source == "system":
        return f"The system's memory is {percent} % in use."
    # By M, systemd and Docker mean 1 << 20 bytes; so the limit reads as it was set.
    return f"Vega's memory limit of {reading.limit_bytes >> 20} MB is {percent} % in use."


def _waited(who: str, percent: float | None) -> str:
    return f"{who} waited for memory for {int(percent or 0)} % of the last ten seconds."
