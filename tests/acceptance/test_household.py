"""Two people on one machine: two lives that know nothing of each other, and one model for both."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.shared_model import SharedModel
from tests.vega_process import VegaProcess, wait_until
from vega.llm.catalogue import SMOLLM2_135M

WAIT_SECONDS = 60.0


@pytest.fixture
def model(tmp_path: Path) -> Iterator[SharedModel]:
    with SharedModel(tmp_path / "model-home") as server:
        server.start()
        yield server


@pytest.fixture
def household(model: SharedModel, make_vega: MakeVega) -> tuple[VegaProcess, VegaProcess]:
    """Ana's life and Ben's, both on the one model."""
    ana, ben = (make_vega(name, model_url=model.url) for name in ("ana", "ben"))
    ana.start()
    ben.start()
    return ana, ben


def test_both_are_answered_by_the_one_model(household: tuple[VegaProcess, VegaProcess]) -> None:
    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(lambda vega: vega.chat("Please say hello.").json(), household))
    statuses = [vega.status()["model"] for vega in household]

    assert all(answer["response"] for answer in answers)
    assert [status["name"] for status in statuses] == [SMOLLM2_135M.id] * 2
    assert [status["place"] for status in statuses] == ["this machine"] * 2


def test_what_the_catalogue_knows_of_the_model_holds_through_its_server(
    household: tuple[VegaProcess, VegaProcess],
) -> None:
    ana, _ = household

    status = ana.status()["model"]

    assert status["is_able"] is False
    assert status["context_tokens"] == SMOLLM2_135M.context_tokens


def test_what_one_says_the_other_does_not_know(household: tuple[VegaProcess, VegaProcess]) -> None:
    ana, ben = household
    ana.chat("My favorite color is purple")
    ben.chat("My favorite color is green")

    assert "purple" in ana.chat("What is my favorite color?").json()["response"]
    assert "green" in ben.chat("What is my favorite color?").json()["response"]
    assert "purple" not in str(ben.history())
    assert ana.status()["session_id"] != ben.status()["session_id"]


def test_the_key_of_one_opens_nothing_of_the_other(
    household: tuple[VegaProcess, VegaProcess],
) -> None:
    ana, ben = household

    assert ana.request("GET", "/history", headers={"X-API-Key": ben.key}).status_code == 401
    assert ben.request("GET", "/history", headers={"X-API-Key": ana.key}).status_code == 401


def test_one_browser_may_hold_both_cookies_and_each_opens_its_own_life_only(
    household: tuple[VegaProcess, VegaProcess],
) -> None:
    ana, ben = household
    cookies = [_paired(vega) for vega in household]
    both = "; ".join(cookies)

    assert _status_code(ana, both) == _status_code(ben, both) == 200
    assert _status_code(ana, cookies[1]) == _status_code(ben, cookies[0]) == 401


def test_both_go_on_when_the_model_server_was_killed(
    household: tuple[VegaProcess, VegaProcess], model: SharedModel
) -> None:
    ana, _ = household
    ana.chat("My favorite color is purple")
    model.kill()

    fact = ana.chat("What is my favorite color?").json()
    waiting = [vega.chat("Please say hello.") for vega in household]
    model.start()
    for vega in household:
        vega.wait_until_idle()

    assert "purple" in fact["response"]
    assert [answer.status_code for answer in waiting] == [503, 503]
    for vega in household:
        assert vega.history()[-1]["status"] == "completed"
        assert vega.chat("Please say hello again.").json()["status"] == "completed"


def test_an_answer_that_the_killed_server_broke_off_is_finished_after_its_restart(
    household: tuple[VegaProcess, VegaProcess], model: SharedModel
) -> None:
    ana, _ = household

    with ana.events("/chat", prompt="Tell me a long story about the sea.") as events:
        for event in events:
            if event.kind == "turn.delta":
                break
        model.kill()
        model.start()
    wait_until(lambda: ana.history()[-1]["status"] == "completed", WAIT_SECONDS)

    assert ana.history()[-1]["response"]


def _paired(vega: VegaProcess) -> str:
    """The cookie of a browser that was paired with that life."""
    made = vega.request("POST", "/api/pairing").raise_for_status().json()
    with httpx2.Client(base_url=vega.url, trust_env=False) as browser:
        body = {"code": made["code"], "name": "Firefox on Linux"}
        answer = browser.post("/api/devices", json=body, headers={"Origin": vega.url})
        return answer.raise_for_status().headers["set-cookie"].partition(";")[0]


def _status_code(vega: VegaProcess, cookies: str) -> int:
    with httpx2.Client(base_url=vega.url, trust_env=False) as browser:
        return browser.get("/api/status", headers={"Cookie": cookies}).status_code
