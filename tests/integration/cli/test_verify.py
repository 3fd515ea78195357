"""`vega verify` against a Vega that goes away in the middle, or gives up."""

import asyncio
import dataclasses
import gc
from pathlib import Path

import pytest

from tests.integration.cli.stub_server import Step, StubServer, answer, drop
from vega.cli import verify
from vega.cli.client import Client, NotRunning
from vega.core.life.verification_store import VerificationStore
from vega.core.proof import Place, Stretch
from vega.core.store import Store
from vega.core.verification import Verification
from vega.errors import VegaError


def told(run: int, completed_run: int, **fields: object) -> Step:
    found = {"run": run, "completed_run": completed_run, "is_running": True, "error": None}
    return answer(200, {**found, "progress": 0.5, **fields})


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "POLL_SECONDS", 0.001)


def test_a_run_is_followed_to_its_end(tmp_path: Path) -> None:
    steps = [told(3, 2), told(3, 2), told(3, 3, is_running=False, finding="Turn 7 …")]
    with StubServer(tmp_path, steps) as server:
        found = verify.verify_there(Client(tmp_path))

    assert found["finding"] == "Turn 7 …"
    assert [request.method for request in server.requests] == ["POST", "GET", "GET"]


def test_a_vega_that_was_started_again_is_asked_again(tmp_path: Path) -> None:
    steps = [drop, told(3, 2), told(3, 2), told(3, 2, is_running=False), told(4, 2), told(4, 4)]
    with StubServer(tmp_path, steps) as server:
        found = verify.verify_there(Client(tmp_path))

    assert found["completed_run"] == 4
    methods = [request.method for request in server.requests]
    assert methods == ["POST", "GET", "POST", "GET", "POST", "GET"]


def test_a_run_that_was_given_up_says_why(tmp_path: Path) -> None:
    steps = [told(3, 2), told(3, 2, is_running=False, error="The disk failed.")]
    with StubServer(tmp_path, steps), pytest.raises(VegaError, match="The disk failed"):
        verify.verify_there(Client(tmp_path))


def test_a_vega_that_does_not_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        verify.verify_there(Client(tmp_path))


def test_one_that_is_broken_off_here_ends_without_a_complaint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def begin_life() -> None:
        await (await Store.open(tmp_path)).close()

    look = VerificationStore.look

    async def look_for_ever(self: VerificationStore, place: Place) -> Stretch:
        return dataclasses.replace(await look(self, place), place=place, is_end=False)

    async def break_off(verification: Verification) -> None:
        await verification.start()
        raise KeyboardInterrupt

    asyncio.run(begin_life())
    monkeypatch.setattr(VerificationStore, "look", look_for_ever)

    with pytest.raises(KeyboardInterrupt):
        verify.work_here(tmp_path, break_off)

    gc.collect()
    assert [record.getMessage() for record in caplog.records] == []
