"""Starting and ending: whatever keeps Vega from starting is said plainly, and nothing is harmed."""

import ctypes
import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import answers_in, assert_sound, read_life
from tests.vega_process import VegaProcess, wait_until
from vega.core.life.sqlite import APPLICATION_ID, connect

PR_CAPBSET_DROP = 24
#: CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what lets root write where nobody may.
ROOTS_POWERS = (1, 2)
SLOW = "scripted:?words=40&delay_ms=50"
#: An open event stream must not hold up the end for longer.
END_SECONDS = 8.0


def _refused(vega: VegaProcess) -> str:
    """What Vega says that refuses to start."""
    said_before = len(vega.output)
    vega.launch()
    assert vega.wait() == 1
    said = vega.output[said_before:]
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("setting", ["VEGA_PORT", "VEGA_PAGE_PORT"])
def test_a_port_in_use_is_named_with_its_setting(setting: str, make_vega: MakeVega) -> None:
    vega = make_vega()
    port = int(vega.settings[setting])

    with socket.create_server(("127.0.0.1", port)):
        said = _refused(vega)
    vega.start()

    assert str(port) in said
    assert setting in said.split()[-1]
    assert vega.chat("Hello.").status_code == 200


def test_a_home_below_a_file_is_refused(make_vega: MakeVega, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    vega = make_vega(settings={"VEGA_HOME": str(tmp_path / "file" / "home")})

    said = _refused(vega)

    assert str(tmp_path / "file" / "home") in said
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("has_life", [False, True])
def test_a_home_without_write_permission_is_refused(has_life: bool, make_vega: MakeVega) -> None:
    vega = make_vega(prepare=_drop_roots_powers)
    vega.home.mkdir()
    if has_life:
        vega.start()
        vega.kill()
    before = sorted(path.name for path in vega.home.iterdir())
    vega.home.chmod(0o500)
    for path in vega.home.iterdir():
        path.chmod(0o400)

    said = _refused(vega)

    assert f"{vega.home} cannot be used" in said
    assert "VEGA_HOME" in said
    assert sorted(path.name for path in vega.home.iterdir()) == before


def test_a_second_vega_on_the_same_home_is_refused_and_the_first_goes_on(
    vega: VegaProcess, make_vega: MakeVega
) -> None:
    second = make_vega("second", settings={"VEGA_HOME": str(vega.home)})

    said = _refused(second)

    assert f"pid {vega.pid}" in said
    assert str(vega.home) in said
    assert vega.chat("Hello.").status_code == 200


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _write_text(path: Path) -> None:
    path.write_text("This is my diary.\n" * 1000)


def _make_anothers(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE turns (id INTEGER PRIMARY KEY)")


def _rewrite(path: Path) -> None:
    """As a tool does that copies a life without knowing of its checksums."""
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        other.execute("CREATE TABLE turns (id INTEGER PRIMARY KEY)")


def _raise_schema(path: Path) -> None:
    with closing(connect(path)) as life:
        life.pragma("user_version", 9999)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_empty, "missing or empty"),
        (Path.unlink, "missing or empty"),
        (_write_text, "is not a database"),
        (_make_anothers, "another program"),
        (_rewrite, "another program"),
        (_raise_schema, "a newer Vega (schema 9999"),
    ],
)
def test_what_is_no_life_of_this_vega_is_refused_and_left_untouched(
    spoil: Callable[[Path], None], reason: str, vega: VegaProcess
) -> None:
    path = vega.home / "vega.db"
    vega.chat("Hello.")
    assert vega.terminate() == 0
    spoil(path)
    before = path.read_bytes() if path.exists() else None

    said = [_refused(vega), _refused(vega)]

    assert [reason in each for each in said] == [True, True]
    assert str(path) in said[0]
    assert (path.read_bytes() if path.exists() else None) == before


def test_a_life_that_lost_its_newest_entries_says_so_at_every_start(vega: VegaProcess) -> None:
    vega.chat("Hello.")
    vega.kill()
    (vega.home / "vega.db-wal").unlink()
    told = []

    for _ in range(2):
        vega.start()
        told.append(vega.status()["attention"])
        vega.terminate()

    assert "newest entries of this life are missing" in told[0][0]
    assert told[1] == told[0]


@pytest.mark.parametrize("spoil", [_write_text, _make_anothers])
def test_a_foreign_file_in_a_fresh_home_is_refused_and_left_untouched(
    spoil: Callable[[Path], None], make_vega: MakeVega
) -> None:
    vega = make_vega()
    vega.home.mkdir()
    path = vega.home / "vega.db"
    path.touch()
    spoil(path)
    before = path.read_bytes()

    said = _refused(vega)

    assert str(path) in said
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("prot = 9000\n", ["vega.toml", "prot", "did you mean port"]),
        ("port = 'many'\n", ["vega.toml", "port", "many"]),
        ("max_context_entries = 0\n", ["vega.toml", "max_context_entries", "1"]),
        ("port = \n", ["vega.toml", "TOML", "line 1"]),
        ("home = '/tmp'\n", ["vega.toml", "VEGA_HOME"]),
    ],
)
def test_a_wrong_line_in_vega_toml_is_named(
    written: str, names: list[str], make_vega: MakeVega
) -> None:
    vega = make_vega()
    del vega.settings["VEGA_PORT"]
    vega.home.mkdir()
    (vega.home / "vega.toml").write_text(written)

    said = _refused(vega)

    assert [name for name in names if name not in said] == []
    assert sorted(path.name for path in vega.home.iterdir()) == ["vega.toml"]


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"VEGA_PORT": "99999"}, ["VEGA_PORT", "99999", "65535"]),
        ({"VEGA_TIMEZONE": "Mars/Olympus"}, ["VEGA_TIMEZONE", "Mars/Olympus", "IANA"]),
        ({"VEGA_MODEL_URL": "ftp://model"}, ["VEGA_MODEL_URL", "ftp://model", "http://"]),
        ({"VEGA_MODEL_URL": "scripted:?wrods=3"}, ["wrods", "words"]),
        ({"VEGA_WARNING_THRESHOLD_PERCENT": "95"}, ["warning_threshold_percent", "95", "90"]),
        ({"VEGA_PROT": "9000"}, ["VEGA_PROT", "did you mean VEGA_PORT"]),
        (
            {"VEGA_REQUIRE_KEY": "false", "VEGA_HOST": "0.0.0.0"},
            ["require_key", "host", "loopback", "0.0.0.0"],
        ),
    ],
)
def test_a_wrong_variable_is_named(
    settings: dict[str, str], names: list[str], make_vega: MakeVega
) -> None:
    said = _refused(make_vega(settings=settings))

    assert [name for name in names if name not in said] == []


def test_sigterm_ends_vega_with_0_also_with_open_event_streams(make_vega: MakeVega) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()

    with ThreadPoolExecutor(1) as pool, vega.events("/api/events", last_event_id="0") as life:
        pool.submit(_read_to_its_end, vega, "Hello.")
        for event in life:
            if event.kind == "turn.delta":
                break
        assert vega.process is not None
        vega.process.send_signal(signal.SIGTERM)
        exit_code = vega.wait(END_SECONDS)

    assert exit_code == 0
    assert "Traceback" not in vega.output


def test_an_answer_that_sigterm_broke_off_goes_on_at_the_next_start(make_vega: MakeVega) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()

    with ThreadPoolExecutor(1) as pool, vega.events("/api/events", last_event_id="0") as life:
        pool.submit(_read_to_its_end, vega, "Hello.")
        pieces = [event for event, _ in zip(life, range(12), strict=False)]
        assert vega.terminate() == 0
    told = "".join(event.data.get("text", "") for event in pieces if event.kind == "turn.delta")
    with read_life(vega.home) as life_file:
        assert_sound(life_file, vega.home)
        (answer,) = answers_in(life_file)
    vega.start()
    vega.wait_until_idle()

    assert told
    assert answer.text.startswith(told)
    assert vega.turn(1)["status"] == "completed"
    assert vega.turn(1)["response"].startswith(answer.text)


@pytest.mark.parametrize("has_stream", [False, True])
def test_ctrl_c_ends_vega_with_0(has_stream: bool, vega: VegaProcess) -> None:
    def interrupt() -> int:
        vega.signal_group(signal.SIGINT)
        return vega.wait(END_SECONDS)

    if has_stream:
        with vega.events("/api/events"):
            exit_code = interrupt()
    else:
        exit_code = interrupt()

    assert exit_code == 0
    assert "Traceback" not in vega.output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_vega_starts_ends_it_without_a_traceback(
    number: signal.Signals, make_vega: MakeVega
) -> None:
    vega = make_vega()

    vega.launch()
    wait_until(vega.home.exists, END_SECONDS, poll_seconds=0.001)
    vega.signal_group(number)
    vega.wait(END_SECONDS)
    said = vega.output
    vega.start()

    assert "Traceback" not in said
    assert vega.chat("Hello.").status_code == 200


def _read_to_its_end(vega: VegaProcess, prompt: str) -> None:
    try:
        with vega.events("/chat", prompt=prompt) as events:
            list(events)
    except httpx2.TransportError:
        return


def _drop_roots_powers() -> None:
    """Runs in the new process: the superuser becomes one who heeds permissions."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for power in ROOTS_POWERS:
            if libc.prctl(PR_CAPBSET_DROP, power, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "the capability stays")
