"""What tests share: a clock that stands still, a life in a temporary folder."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest

from tests.clocks import FakeClock
from vega.core.store import Store

# The same examples on every machine, without a folder of their own.
hypothesis.settings.register_profile(
    "vega",
    database=None,
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("vega")


def pytest_sessionstart() -> None:
    # A shell has its background jobs ignore Ctrl-C, and so would all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = await Store.open(tmp_path)
    yield store
    await store.close()
