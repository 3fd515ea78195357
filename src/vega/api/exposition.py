"""Vega's figures as Prometheus reads them: one family for each, with what it means and its unit.

Counters never fall while Vega runs. Labels have a handful of values, which stand in the code: no
figure tells what was said, and none grows with the life. Names are a promise to those who have
dashboards; `docs/monitoring.md` lists them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import get_args

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

import vega
from vega.api.figures import Figures
from vega.core.life.disk import DiskState
from vega.core.memory import Pressure
from vega.core.pressure.memory_release import Part

_UNITS = ("bytes", "percent", "seconds")
#: A media type that only scrapers ask for. The second is also a person's, so it takes its version.
_OPEN_METRICS, _TEXT = "application/openmetrics-text", "text/plain"

Values = Mapping[str, float | None]


def wants_text(accept: str) -> bool:
    """Whether who sends this Accept header reads Prometheus's text, and did not just take all."""
    for kind in accept.lower().split(","):
        name, *parameters = (part.strip() for part in kind.split(";"))
        has_version = any(each.startswith("version=") for each in parameters)
        if name == _OPEN_METRICS or (name == _TEXT and has_version):
            return True
    return False


def written(figures: Figures, accept: str) -> tuple[bytes, str]:
    """The text in the format that suits the Accept header best, and its content type."""
    registry = CollectorRegistry()
    registry.register(_Once(figures))
    encode: Callable[[Collector], bytes]
    encode, content_type = choose_encoder(accept.lower())
    return encode(registry), content_type


class _Once(Collector):
    """The families of one moment."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterable[Metric]:
        for part in _PARTS:
            yield from part(self._figures)


def _process(figures: Figures) -> Iterator[Metric]:
    yield InfoMetricFamily("vega_build", "Which Vega this is.", {"version": vega.__version__})
    yield _gauge(
        "vega_start_time_seconds", "When this process began, since 1970.", figures.started_at
    )
    yield _gauge(
        "vega_model_reachable", "1 where a model can be asked now.", figures.is_model_reachable
    )


def _turns(figures: Figures) -> Iterator[Metric]:
    tiers = figures.tiers.items()
    yield _counter(
        "vega_turns_total",
        "Turns of this life that ever came into each tier; each begins in full.",
        "tier",
        {tier: total.entered for tier, total in tiers},
    )
    yield _gauge(
        "vega_tier_turns",
        "Turns that are in each tier now.",
        {tier: total.turns for tier, total in tiers},
        "tier",
    )
    family = HistogramMetricFamily(
        "vega_turn_seconds",
        "How long turns took from being accepted to their end, by how they ended, since the start.",
        labels=("outcome",),
        unit="seconds",
    )
    for outcome, durations in figures.turns.items():
        buckets = [
            ("+Inf" if bound == float("inf") else f"{bound:g}", count)
            for bound, count in durations.counts_up_to()
        ]
        family.add_metric((outcome,), buckets, durations.sum_seconds)
    yield family
    yield _gauge(
        "vega_queue_depth",
        "Turns that wait for their answers, with the one being answered.",
        figures.queue_depth,
    )
    yield _gauge("vega_queue_limit", "How many turns may wait.", figures.queue_limit)


def _texts(figures: Figures) -> Iterator[Metric]:
    tiers = figures.tiers.items()
    yield _gauge(
        "vega_text_bytes",
        "Text of the turns in each tier, as it was said.",
        {tier: total.bytes for tier, total in tiers},
        "tier",
    )
    yield _gauge(
        "vega_active_text_bytes",
        "Text that stands in the active tables for each tier.",
        {tier: total.active_bytes for tier, total in tiers},
        "tier",
    )
    yield _gauge("vega_archive_blocks", "Blocks of the archive.", figures.archive.blocks)
    yield _gauge(
        "vega_archive_bytes", "What the archive's blocks take.", figures.archive.stored_bytes
    )
    yield _gauge(
        "vega_archive_text_bytes",
        "Text in the archive's blocks, as it was said.",
        figures.archive.text_bytes,
    )


def _memory(figures: Figures) -> Iterator[Metric]:
    report, reading = figures.memory, figures.memory.reading
    yield _gauge(
        "vega_memory_bytes",
        "Memory of Vega's process; in use, and the most there is, of what is scarcest: the system "
        "or a limit set for Vega.",
        {
            "process": reading.process_bytes,
            "used": reading.used_bytes,
            "limit": reading.limit_bytes,
        },
        "what",
    )
    yield _gauge(
        "vega_memory_percent",
        "Memory in use of what is scarcest; the thresholds are compared with it.",
        reading.percent,
    )
    yield _gauge(
        "vega_memory_threshold_percent",
        "From which percentage on memory is scarce.",
        figures.thresholds,
        "pressure",
    )
    yield _gauge(
        "vega_memory_pressure",
        "1 for how scarce memory is now.",
        {state: state is report.pressure for state in Pressure},
        "state",
    )
    yield _gauge(
        "vega_memory_stalled_percent",
        "Of the last ten seconds, in which some of the work or all of it waited for memory.",
        {"some": reading.psi_some_percent, "all": reading.psi_full_percent},
        "work",
    )
    yield _counter(
        "vega_memory_given_back_bytes_total",
        "RAM that was given back to the machine since the start, by part.",
        "part",
        {part: report.released_in_all.get(part, 0) for part in get_args(Part)},
    )


def _cleanups(figures: Figures) -> Iterator[Metric]:
    report, last = figures.memory, figures.memory.last_cleanup
    yield _counter(
        "vega_cleanups_total",
        "Cleanups that did something, since the start.",
        "kind",
        {kind.value: count for kind, count in report.cleanups.items()},
    )
    yield _gauge(
        "vega_last_cleanup_timestamp_seconds",
        "When the last cleanup ended, since 1970; none before the first.",
        last.ended_at.timestamp() if last else None,
    )
    yield _gauge(
        "vega_cleanup_longest_step_seconds",
        "The longest step of a cleanup since the start: no turn waited longer for one.",
        report.longest_step_seconds,
    )
    yield _counter(
        "vega_summary_failures_total",
        "Summaries of a model that were not taken since the start; those turns stay in full.",
        "reason",
        report.summary_failures,
    )
    yield _gauge(
        "vega_failed_nightly_jobs",
        "Nightly and daily jobs whose last try failed.",
        figures.failed_nightly_jobs,
    )


def _disk(figures: Figures) -> Iterator[Metric]:
    disk = figures.disk
    yield _gauge(
        "vega_database_bytes",
        "The life's file, and its log of what is not folded in yet.",
        figures.database_bytes,
        "file",
    )
    yield _gauge("vega_disk_free_bytes", "Free on the life's disk.", disk.free_bytes)
    yield _gauge("vega_disk_size_bytes", "All of the life's disk.", disk.total_bytes)
    yield _gauge(
        "vega_disk_state",
        "1 for how much room there is: ok, low, or full, when no turn is taken.",
        {state: state is disk.state for state in DiskState},
        "state",
    )


def _backups(figures: Figures) -> Iterator[Metric]:
    yield _gauge("vega_backups", "Backups that there are.", figures.backup_count)
    yield _gauge(
        "vega_backup_last_success_timestamp_seconds",
        "When the newest backup was made, since 1970; none before the first.",
        figures.last_backup_at.timestamp() if figures.last_backup_at else None,
    )
    yield _gauge(
        "vega_backup_last_bytes", "The size of the newest backup.", figures.last_backup_bytes
    )
    yield _gauge(
        "vega_backup_failed",
        "1 where the last backup that was tried was not made.",
        figures.has_backup_failed,
    )
    yield _gauge(
        "vega_backup_failed_nights",
        "Nights in a row of which there is no backup, since it failed.",
        figures.failed_backup_nights,
    )
    there = figures.backup_elsewhere or {}
    good_at = there.get("last_good_at")
    yield _gauge(
        "vega_backup_elsewhere_last_success_timestamp_seconds",
        "When the newest backup on the other disk was made, since 1970; none without one.",
        datetime.fromisoformat(good_at).timestamp() if good_at else None,
    )
    yield _gauge(
        "vega_backup_elsewhere_failed",
        "1 where the last backup could not be copied to the other disk; none without one.",
        there["error"] is not None if there else None,
    )


def _verification(figures: Figures) -> Iterator[Metric]:
    verdict = figures.verdict
    yield _gauge(
        "vega_verification_last_timestamp_seconds",
        "When the life was last verified as a whole, since 1970; none before the first.",
        verdict.completed_at.timestamp() if verdict.completed_at else None,
    )
    yield _gauge("vega_verified_turns", "Turns that there were then.", verdict.turns)
    yield _gauge(
        "vega_verification_flaws",
        "What was found that is not as it was stored.",
        verdict.flaw_count,
    )
    yield _gauge(
        "vega_damaged_turns", "Turns whose original cannot be read.", verdict.damaged_count
    )


def _access(figures: Figures) -> Iterator[Metric]:
    yield _counter(
        "vega_refused_requests_total",
        "Requests that were refused before anything was done, since the start.",
        "reason",
        figures.refusals,
    )
    yield _counter(
        "vega_wrong_tries_total",
        "Wrong keys and pairing codes that came, since the start.",
        "kind",
        figures.wrong_tries,
    )


_PARTS = (_process, _turns, _texts, _memory, _cleanups, _disk, _backups, _verification, _access)


def _gauge(name: str, text: str, values: float | Values | None, label: str | None = None) -> Metric:
    """One value, or one for each value of the label; what is None is left out."""
    family = GaugeMetricFamily(name, text, labels=(label,) if label else (), unit=_unit(name))
    by_label = values if isinstance(values, Mapping) else {"": values}
    for word, value in by_label.items():
        if value is not None:
            family.add_metric((word,) if label else (), float(value))
    return family


def _counter(name: str, text: str, label: str, values: Mapping[str, int]) -> Metric:
    unit = _unit(name.removesuffix("_total"))
    family = CounterMetricFamily(name, text, labels=(label,), unit=unit)
    for word, value in values.items():
        family.add_metric((word,), value)
    return family


def _unit(name: str) -> str:
    return next((unit for unit in _UNITS if name.endswith(f"_{unit}")), "")
