"""What a memory probe would see, as a test scripts it."""

from vega.core.memory import MemoryReading
from vega.core.pressure.memory_probe import MemoryProbe

_MIB = 1 << 20


def reading(percent: float = 40.0) -> MemoryReading:
    """A machine without a limit for Vega, of whose memory so much is in use."""
    return MemoryReading(
        percent=percent,
        source="system",
        used_bytes=int(10 * percent) * _MIB,
        limit_bytes=1000 * _MIB,
        system_percent=percent,
        cgroup_percent=None,
        psi_some_percent=None,
        psi_full_percent=None,
        limit_hits=None,
        process_bytes=90 * _MIB,
    )


class ScriptedProbe(MemoryProbe):
    """Sees what a test lets it see; an error is raised, once."""

    def __init__(self, percent: float = 40.0) -> None:
        super().__init__()
        self.percent = percent
        self.error: Exception | None = None
        self.look_count = 0

    def read(self) -> MemoryReading:
        self.look_count += 1
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return reading(self.percent)
