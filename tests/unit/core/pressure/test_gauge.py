"""How scarce memory is, judged from readings."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.memory import MemoryReading, Pressure
from vega.core.pressure.gauge import MARGIN_POINTS, PressureGauge

NORMAL, WARNING, CRITICAL = Pressure.NORMAL, Pressure.WARNING, Pressure.CRITICAL
MIB = 1 << 20

CALM = MemoryReading(
    percent=40.0,
    source="system",
    used_bytes=400 * MIB,
    limit_bytes=1000 * MIB,
    system_percent=40.0,
    cgroup_percent=None,
    psi_some_percent=None,
    psi_full_percent=None,
    limit_hits=None,
    process_bytes=90 * MIB,
)
percents = st.floats(0, 100)
shares = st.none() | st.floats(0, 100)


@pytest.mark.parametrize(
    ("warning", "critical", "percent", "pressure"),
    [
        (80, 90, 65.3, NORMAL),
        (80, 90, 82, WARNING),
        (80, 90, 92, CRITICAL),
        (80, 90, 79.99, NORMAL),
        (80, 90, 80, WARNING),
        (80, 90, 89.99, WARNING),
        (80, 90, 90, CRITICAL),
        (85, 95, 84.9, NORMAL),
        (85, 95, 85, WARNING),
        (85, 95, 94.9, WARNING),
        (85, 95, 95, CRITICAL),
        (70, 85, 69.9, NORMAL),
        (70, 85, 70, WARNING),
        (70, 85, 84.9, WARNING),
        (70, 85, 85, CRITICAL),
    ],
)
def test_a_threshold_belongs_to_the_state_above_it(
    warning: float, critical: float, percent: float, pressure: Pressure
) -> None:
    gauge = PressureGauge(warning, critical)

    assert gauge.judge(_reading(percent)) is pressure
    assert gauge.pressure is pressure


@pytest.mark.parametrize(
    ("percents", "states"),
    [
        ((79, 80, 79, 75, 74.9, 79), (NORMAL, WARNING, WARNING, WARNING, NORMAL, NORMAL)),
        ((90, 89, 85, 84.9, 89.9), (CRITICAL, CRITICAL, CRITICAL, WARNING, WARNING)),
        ((92, 77, 74), (CRITICAL, WARNING, NORMAL)),
        ((92, 40), (CRITICAL, NORMAL)),
    ],
)
def test_a_state_is_entered_at_once_and_left_with_a_margin(
    percents: tuple[float, ...], states: tuple[Pressure, ...]
) -> None:
    gauge = PressureGauge(80, 90)

    assert tuple(gauge.judge(_reading(percent)) for percent in percents) == states


@pytest.mark.parametrize(
    ("some", "full", "pressure"),
    [
        (9.9, 9.9, NORMAL),
        (10.0, 0.0, WARNING),
        (10.0, None, WARNING),
        (100.0, 9.9, WARNING),
        (30.0, 10.0, CRITICAL),
        (None, 10.0, CRITICAL),
    ],
)
def test_stalls_count_whatever_the_percentage_says(
    some: float | None, full: float | None, pressure: Pressure
) -> None:
    reading = replace(CALM, psi_some_percent=some, psi_full_percent=full)

    assert PressureGauge(80, 90).judge(reading) is pressure


def test_stalls_too_are_left_with_a_margin() -> None:
    gauge = PressureGauge(80, 90)
    shares = (10.0, 9.0, 5.0, 4.9, 9.0)

    states = [gauge.judge(replace(CALM, psi_full_percent=share)) for share in shares]

    assert states == [CRITICAL, CRITICAL, CRITICAL, NORMAL, NORMAL]


def test_a_stall_that_is_over_leaves_no_mark_on_the_percentage() -> None:
    gauge = PressureGauge(80, 90)
    gauge.judge(replace(_reading(86), psi_full_percent=50.0))

    assert gauge.judge(replace(_reading(86), psi_full_percent=0.0)) is WARNING
    assert gauge.judge(_reading(74)) is NORMAL


def test_a_limit_that_was_run_into_again_is_a_warning_until_it_is_not() -> None:
    gauge = PressureGauge(80, 90)
    hits = (7, 7, 8, 8, 20, None, 20, 21)

    states = [gauge.judge(_limited(76, limit_hits=count)) for count in hits]

    assert states == [NORMAL, NORMAL, WARNING, NORMAL, WARNING, NORMAL, NORMAL, WARNING]


def test_a_limit_that_only_the_cache_of_files_runs_into_is_no_want() -> None:
    gauge = PressureGauge(80, 90)
    gauge.judge(_limited(74.9, limit_hits=0))

    assert gauge.judge(_limited(74.9, limit_hits=691)) is NORMAL


def test_another_limit_with_fewer_hits_is_no_growth() -> None:
    gauge = PressureGauge(80, 90)
    states = [gauge.judge(_limited(76, limit_hits=count)) for count in (9, 2, 3)]

    assert states == [NORMAL, NORMAL, WARNING]


def test_the_owner_is_told_why() -> None:
    gauge = PressureGauge(80, 90)
    reasons = [gauge.reason]
    for reading in (
        _reading(65.3),
        _reading(83.9),
        _limited(91.2, limit_hits=0),
        _limited(92.0, limit_hits=2),
        replace(CALM, psi_some_percent=14.7),
        replace(CALM, psi_some_percent=40.0, psi_full_percent=12.0),
        _limited(79.0, limit_hits=3),
        _limited(79.0, limit_hits=1_503),
    ):
        gauge.judge(reading)
        reasons.append(gauge.reason)

    assert reasons == [
        "Memory was not looked at yet.",
        "The system's memory is 65 % in use.",
        "The system's memory is 83 % in use.",
        "Vega's memory limit of 512 MB is 91 % in use.",
        "Vega's memory limit of 512 MB is 92 % in use.",
        "Some of the work waited for memory for 14 % of the last ten seconds.",
        "All work waited for memory for 12 % of the last ten seconds.",
        "Vega ran into its memory limit once since the last look.",
        "Vega ran into its memory limit 1,500 times since the last look.",
    ]


@given(
    st.lists(st.tuples(percents, shares, shares, st.none() | st.integers(0, 9))),
    st.floats(MARGIN_POINTS + 1, 99),
    st.floats(0, 1),
    st.floats(0, 1, exclude_max=True),
    st.none() | st.integers(0, 1_000),
)
def test_enough_memory_without_stalls_is_normal_whatever_was_before(
    before: list[tuple[float, float | None, float | None, int | None]],
    warning: float,
    to_critical: float,
    to_percent: float,
    hits: int | None,
) -> None:
    gauge = PressureGauge(warning, warning + to_critical * (100 - warning))
    for percent, some, full, count in before:
        reading = _limited(percent, limit_hits=count)
        gauge.judge(replace(reading, psi_some_percent=some, psi_full_percent=full))

    reading = _limited(to_percent * (warning - MARGIN_POINTS), limit_hits=hits)

    assert gauge.judge(reading) is NORMAL


@given(st.lists(st.tuples(percents, shares, shares), min_size=1))
def test_no_history_hides_what_a_fresh_look_would_see(
    looks: list[tuple[float, float | None, float | None]],
) -> None:
    gauge = PressureGauge(80, 90)
    order = list(Pressure)
    for percent, some, full in looks:
        reading = replace(_reading(percent), psi_some_percent=some, psi_full_percent=full)
        fresh = PressureGauge(80, 90).judge(reading)

        assert order.index(gauge.judge(reading)) >= order.index(fresh)


def _reading(percent: float) -> MemoryReading:
    return replace(CALM, percent=percent, system_percent=percent)


def _limited(percent: float, limit_hits: int | None) -> MemoryReading:
    return replace(
        CALM,
        percent=percent,
        source="cgroup",
        cgroup_percent=percent,
        limit_bytes=512 * MIB,
        limit_hits=limit_hits,
    )
