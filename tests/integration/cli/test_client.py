"""The client of the Unix socket, when the server comes, goes, and breaks off."""

import os
import threading
from pathlib import Path

import pytest

from tests.integration.cli.stub_server import (
    StubServer,
    answer,
    drop,
    events,
    hold,
    silent_after,
)
from vega.cli.client import Client, ConnectionLost, NotRunning, Refused, StillWaiting, home_folder
from vega.config import load_settings
from vega.unix_socket import socket_path

ACCEPTED = ("turn.accepted", "0.0", {"prompt": "Hi."})
ONE = ("turn.delta", "1.4", {"text": "One\u2028 "})
TWO = ("turn.delta", "1.7", {"text": "two"})
END = ("turn.completed", "1.7.end", {"response": "One\u2028 two", "status": "completed"})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Waits:
    """Counts how often a client says that it waits, and lets the server come then."""

    def __init__(self, *servers: StubServer) -> None:
        self.count = 0
        self._servers = list(servers)

    def __call__(self) -> None:
        self.count += 1
        for server in self._servers:
            server.__enter__()
        self._servers.clear()


def _said(client: Client, prompt: str = "Hi.") -> list[str]:
    return [event.kind for event in client.say(prompt, key="a-key")]


def test_the_home_folder_is_that_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", "~/mine", "relative/home", "/absolute"):
        monkeypatch.setenv("VEGA_HOME", value)

        assert home_folder() == load_settings().home


@pytest.mark.parametrize("is_there", [True, False])
def test_a_vega_that_does_not_run_is_not_waited_for(home: Path, is_there: bool) -> None:
    if is_there:
        home.mkdir()
    waits = Waits()

    with pytest.raises(NotRunning, match="vega serve"):
        Client(home, waits).get("/api/status")

    assert waits.count == 0


def test_a_home_below_a_file_is_a_vega_that_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(NotRunning):
        Client(tmp_path / "file" / "home").get("/api/status")


def test_the_pid_of_another_program_is_no_start(home: Path) -> None:
    hold(home)
    os.utime(home / "vega.pid", (1, 1))
    waits = Waits()

    with pytest.raises(NotRunning):
        Client(home, waits).get("/api/status")

    assert waits.count == 0


@pytest.mark.parametrize("was_killed", [True, False])
def test_a_vega_that_starts_is_waited_for(home: Path, was_killed: bool) -> None:
    server = StubServer(home, [answer(200, {"status": "ok"})])
    if was_killed:
        with StubServer(home, []):
            os.link(socket_path(home), home / "left")
        (home / "left").rename(socket_path(home))
    else:
        hold(home)
    waits = Waits(server)

    found = Client(home, waits).get("/healthz")

    server.__exit__()
    assert found == {"status": "ok"}
    assert waits.count == 1


def test_who_is_not_patient_does_not_wait(home: Path) -> None:
    hold(home)
    waits = Waits()

    with pytest.raises(NotRunning):
        Client(home, waits, is_patient=False).get("/api/status")

    assert waits.count == 0


def test_a_refusal_says_what_the_server_says(home: Path) -> None:
    refusal = {"error": "There is no turn 9.", "code": "turn_not_found"}
    with StubServer(home, [answer(404, refusal)]), pytest.raises(Refused, match="no turn 9") as exc:
        Client(home).get("/api/turns/9")

    assert exc.value.code == "turn_not_found"
    assert exc.value.status == 404


def test_an_answer_that_is_no_json_is_a_refusal_too(home: Path) -> None:
    def gibberish(handler: object) -> None:
        handler.wfile.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 4\r\n\r\n<ht>")  # type: ignore[attr-defined]

    with StubServer(home, [gibberish]), pytest.raises(Refused, match="500"):
        Client(home).get("/api/status")


def test_what_may_be_asked_twice_is_asked_again(home: Path) -> None:
    with StubServer(home, [drop, answer(200, {"id": 7})]) as server:
        assert Client(home).get("/api/turns/7") == {"id": 7}

    assert len(server.requests) == 2


def test_what_may_not_be_done_twice_is_not_sent_again(home: Path) -> None:
    with StubServer(home, [drop]) as server, pytest.raises(ConnectionLost):
        Client(home).post("/api/pairing")

    assert len(server.requests) == 1


def test_a_turn_that_ended_by_itself_needs_no_stop(home: Path) -> None:
    with StubServer(home, [answer(409, {"error": "Over.", "code": "turn_ended"})]):
        Client(home).stop(7)


def test_a_prompt_whose_fate_is_unknown_is_sent_again_under_its_key(home: Path) -> None:
    with StubServer(home, [drop, events(end=False), events(ACCEPTED, ONE, TWO, END)]) as server:
        kinds = _said(Client(home))

    assert kinds == ["turn.accepted", "turn.delta", "turn.delta", "turn.completed"]
    assert [request.headers["idempotency-key"] for request in server.requests] == ["a-key"] * 3
    assert server.requests[0].body["origin"] == "terminal"
    assert server.requests[2].body == server.requests[0].body


def test_a_stream_that_breaks_is_joined_where_it_broke(home: Path) -> None:
    steps = [events(ACCEPTED, ONE, end=False), drop, events(TWO, END)]
    with StubServer(home, steps) as server:
        said = list(Client(home).say("Hi.", key="a-key"))

    assert "".join(event.data.get("text", "") for event in said) == "One\u2028 two"
    assert [event.kind for event in said].count("turn.accepted") == 1
    joined = [(one.method, one.path, one.headers["last-event-id"]) for one in server.requests[1:]]
    assert joined == [("GET", "/api/turns/7/events", "1.4")] * 2


def test_a_server_that_only_breaks_off_is_given_up(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega.cli.client.MAX_BREAKS", 3)
    steps = [events(end=False) for _ in range(3)]
    with StubServer(home, steps), pytest.raises(ConnectionLost):
        _said(Client(home))


def test_a_prompt_that_vega_has_taken_with_it_is_known_to_be_kept(home: Path) -> None:
    server = StubServer(home, [events(ACCEPTED, ONE, end=False)])
    server.__enter__()
    said = Client(home, is_patient=False).say("Hi.", key="a-key")
    begun = [next(said).kind, next(said).kind]
    server.__exit__()

    with pytest.raises(StillWaiting, match="kept as turn 7"):
        next(said)

    assert begun == ["turn.accepted", "turn.delta"]


def test_a_model_that_is_away_is_waited_for_only_so_long(home: Path) -> None:
    over = threading.Event()
    waiting = ("turn.waiting", "1.0", {"reason": "No model answers."})
    with StubServer(home, [silent_after(ACCEPTED, waiting, until=over)]):
        with pytest.raises(StillWaiting, match=r"No model answers\. .* turn 7 ") as exc:
            list(Client(home).say("Hi.", key="a-key", model_seconds=0.05))
        over.set()

    assert exc.value.turn_id == 7


def test_a_model_that_comes_back_is_waited_for_no_more(home: Path) -> None:
    waiting = ("turn.waiting", "1.0", {"reason": "No model answers."})
    with StubServer(home, [events(ACCEPTED, waiting, ONE, TWO, END)]):
        kinds = [event.kind for event in Client(home).say("Hi.", key="k", model_seconds=60)]

    assert kinds[-1] == "turn.completed"


def test_the_machine_and_its_zone_come_with_a_prompt(home: Path) -> None:
    with StubServer(home, [events(ACCEPTED, END)]) as server:
        list(Client(home).say("Hi.", key="k", timezone="Europe/Vienna", device="desk"))

    body = server.requests[0].body
    assert (body["timezone"], body["device"]) == ("Europe/Vienna", "desk")
