"""What the model host is given, and how much of the machine it takes."""

import json
import os

import pytest

from vega.llm.host import MOST_THREADS, sensible_threads
from vega.llm.host_process import HostParameters


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (2, 1), (4, 2), (8, 4), (64, 4)])
def test_the_model_takes_half_of_the_processors_at_most(
    processors: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)

    assert sensible_threads() == threads <= MOST_THREADS


def test_the_hosts_parameters_travel_in_one_line() -> None:
    parameters = HostParameters("a\nmodel", "a model", 2048, 1, "cache", "secret")
    line = parameters.to_line()

    assert line.count(b"\n") == 1
    assert HostParameters(**json.loads(line)) == parameters
