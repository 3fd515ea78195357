"""`vega ask` as a person types it and as a script calls it."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.model_server import Behaviour, ModelServer
from tests.terminal import PATIENCE_SECONDS, VEGA, Terminal, environment
from tests.vega_process import VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

SLOW = "scripted:?words=60&delay_ms=60"
HELLO = scripted_answer("Hello.", 12)


def _run(
    vega: VegaProcess,
    *words: str,
    given: bytes = b"",
    variables: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*VEGA, *words],
        input=given,
        env=environment(vega.home, **(variables or {})),
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert b"Traceback" not in done.stderr
    texts = (done.stdout.decode(), done.stderr.decode())
    return subprocess.CompletedProcess(words, done.returncode, *texts)


def _start(vega: VegaProcess, words: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*VEGA, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(vega.home),
    )


def test_a_pipe_gets_the_answer_and_nothing_else(vega: VegaProcess) -> None:
    done = _run(vega, "ask", "Hello.")

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{HELLO}\n", "")


def test_a_turn_says_where_it_was_said(vega: VegaProcess) -> None:
    _run(vega, "ask", "Hello.", variables={"TZ": "Asia/Tokyo"})

    turn = vega.turn(1)
    assert (turn["origin"], turn["timezone"]) == ("terminal", "Asia/Tokyo")
    assert turn["device"]


@pytest.mark.parametrize(
    ("words", "given", "prompt"),
    [
        (["Sum it up."], b"one\ntwo\n", "Sum it up.\n\none\ntwo"),
        (["-"], b"from a pipe\n", "from a pipe"),
        ([], b"from a pipe\n", "from a pipe"),
        (["two", "words"], b"", "two words"),
        (["Latin."], "Grüße".encode("latin-1"), "Latin.\n\nGr\ufffd\ufffde"),
    ],
)
def test_standard_input_stands_below_the_prompt(
    vega: VegaProcess, words: list[str], given: bytes, prompt: str
) -> None:
    assert _run(vega, "ask", *words, given=given).returncode == 0

    assert vega.turn(1)["prompt"] == prompt


@pytest.mark.parametrize("given", [b"", b" \n\t\n"])
def test_nothing_to_ask_is_a_mistake_in_the_command(vega: VegaProcess, given: bytes) -> None:
    done = _run(vega, "ask", given=given)

    assert done.returncode == 2
    assert "nothing to ask" in done.stderr
    assert vega.history() == []


def test_more_than_a_prompt_may_hold_is_a_mistake_in_the_command(vega: VegaProcess) -> None:
    done = _run(vega, "ask", "Sum it up.", given=b"x" * (1024 * 1024 + 1))

    assert done.returncode == 2
    assert "1,048,576 bytes" in done.stderr


def test_what_the_server_refuses_is_said_in_its_words(vega: VegaProcess) -> None:
    done = _run(vega, "ask", "-", given=b"a\0b")

    assert done.returncode == 1
    assert "NUL" in done.stderr
    assert done.stdout == ""


def test_a_closed_standard_input_is_an_empty_one(vega: VegaProcess) -> None:
    command = f'exec {" ".join(VEGA)} ask "Hello." <&-'

    done = subprocess.run(
        ["sh", "-c", command],
        env=environment(vega.home),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{HELLO}\n", "")


def test_the_answer_as_json_is_that_of_the_api(vega: VegaProcess) -> None:
    said = _run(vega, "ask", "--json", "Hello.")
    again = vega.chat("Hello.").json()

    found = json.loads(said.stdout)
    assert said.stdout.count("\n") == 1
    assert found == {**again, "turn_id": found["turn_id"]}


@pytest.mark.parametrize("words", [["ask", "Hi."], ["status"], ["history"], ["chat"], ["open"]])
def test_a_vega_that_does_not_run_is_said_in_one_line(
    make_vega: MakeVega, words: list[str]
) -> None:
    vega = make_vega()

    with Terminal(vega.home, *words) as terminal:
        code = terminal.wait()

    assert code == 1
    assert terminal.text.count("\n") <= 1 + len(str(vega.home)) // 80 + 1
    assert "Vega is not running on" in terminal.text
    assert "vega serve" in terminal.text


def test_a_model_that_is_away_leaves_the_prompt_kept(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="scripted:?away=yes")
    vega.start()

    plain = _run(vega, "ask", "--wait", "0", "Hello.")
    as_json = _run(vega, "ask", "--wait", "0", "--json", "Hello again.")

    assert (plain.returncode, plain.stdout) == (4, "")
    assert "kept as turn 1" in plain.stderr
    assert as_json.returncode == 4
    assert json.loads(as_json.stdout)["turn_id"] == 2
    assert vega.turn(1)["status"] == "pending"


async def test_an_answer_that_failed_has_its_own_exit_code(make_vega: MakeVega) -> None:
    async with ModelServer(Behaviour(failure="error in stream")) as server:
        vega = make_vega(model_url=server.url)
        await asyncio.to_thread(vega.start)

        plain = await asyncio.to_thread(_run, vega, "ask", "Hello.")
        as_json = await asyncio.to_thread(_run, vega, "ask", "--json", "Hello.")

    assert plain.returncode == as_json.returncode == 3
    assert "Given up after 3 attempts." in plain.stderr
    assert json.loads(as_json.stdout)["error"] in plain.stderr


def test_ctrl_c_stops_the_answer_and_keeps_what_there_is(make_vega: MakeVega) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    process = _start(vega, ["ask", "Count."])
    assert process.stdout is not None
    begun = os.read(process.stdout.fileno(), 8)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_SECONDS)

    turn = vega.turn(1)
    assert process.returncode == 130
    assert turn["status"] == "stopped"
    assert (begun + out).decode().strip() == turn["response"].strip()
    assert scripted_answer("Count.", 60).startswith(turn["response"])
    assert err == b""


def test_a_reader_that_goes_away_ends_it_quietly(make_vega: MakeVega) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    process = _start(vega, ["ask", "Count."])
    assert process.stdout is not None
    assert process.stderr is not None
    os.read(process.stdout.fileno(), 8)

    process.stdout.close()

    assert process.wait(PATIENCE_SECONDS) != 0
    assert process.stderr.read() == b""
    process.stderr.close()
    wait_until(lambda: vega.turn(1)["status"] == "completed", PATIENCE_SECONDS)


def test_an_answer_survives_the_death_of_the_server_whole_and_once(make_vega: MakeVega) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    process = _start(vega, ["ask", "Count."])
    assert process.stdout is not None
    begun = b""
    while b"word20 " not in begun:
        begun += os.read(process.stdout.fileno(), 100)

    vega.kill()
    vega.start()
    out, err = process.communicate(timeout=PATIENCE_SECONDS)

    assert (begun + out).decode() == f"{scripted_answer('Count.', 60)}\n"
    assert (process.returncode, err) == (0, b"")
    assert len(vega.history()) == 1


def test_many_prompts_across_two_deaths_are_each_answered_once(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="scripted:?words=10&delay_ms=20")
    vega.start()
    prompts = [f"Prompt {number}." for number in range(8)]

    with ThreadPoolExecutor(len(prompts)) as pool:
        asked = [pool.submit(_run, vega, "ask", prompt) for prompt in prompts]
        for _ in range(2):
            # Who only begins to ask while nobody is there is told so, and asks no more.
            wait_until(lambda: len(vega.history()) == len(prompts), PATIENCE_SECONDS)
            vega.kill()
            vega.start()
        answers = [one.result().stdout for one in asked]

    assert answers == [f"{scripted_answer(prompt, 10)}\n" for prompt in prompts]
    assert sorted(turn["prompt"] for turn in vega.history()) == prompts


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_shows_the_answer_whole_and_once(make_vega: MakeVega, columns: int) -> None:
    vega = make_vega(model_url="scripted:?words=60&delay_ms=5")
    vega.start()

    with Terminal(vega.home, "ask", "**Bold** words.", columns=columns) as terminal:
        assert terminal.wait() == 0
        screen = terminal.screen

    assert max(map(len, screen)) <= columns
    expected = scripted_answer("Bold words.", 60)
    assert " ".join(" ".join(screen).split()) == expected
    assert "\x1b[1mBold\x1b[0m" in terminal.output


@pytest.mark.parametrize("rows", [4, 24])
def test_a_block_that_is_higher_than_the_terminal_is_there_once(
    make_vega: MakeVega, rows: int
) -> None:
    vega = make_vega(model_url="scripted:?words=200&delay_ms=1")
    vega.start()

    with Terminal(vega.home, "ask", "Much.", columns=40, rows=rows) as terminal:
        assert terminal.wait() == 0
        screen = terminal.screen

    assert " ".join(" ".join(screen).split()) == scripted_answer("Much.", 200)


@pytest.mark.parametrize(
    "variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}, {"TERM": "unknown-thing"}]
)
def test_a_terminal_of_few_talents_shows_the_answer_too(
    vega: VegaProcess, variables: dict[str, str]
) -> None:
    with Terminal(vega.home, "ask", "*Hello.*", columns=40, variables=variables) as terminal:
        assert terminal.wait() == 0

    assert "word12" in terminal.text
    assert "\x1b[3" not in terminal.output.replace("\x1b[3m", "")
    if variables.get("TERM") in ("dumb", ""):
        assert "\x1b" not in terminal.output


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_an_output_that_cannot_say_everything_says_what_it_can(
    vega: VegaProcess, encoding: str, is_terminal: bool
) -> None:
    variables = {"LANG": "C", "LC_ALL": "C", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    if is_terminal:
        with Terminal(vega.home, "ask", "Say … 世界.", variables=variables) as terminal:
            assert terminal.wait() == 0
        shown = terminal.text
    else:
        done = _run(vega, "ask", "Say … 世界.", variables=variables)
        assert (done.returncode, done.stderr) == (0, "")
        shown = done.stdout

    assert "You said: Say ? ??.. word1" in shown


def test_what_was_said_cannot_steer_the_terminal_but_reaches_a_pipe(vega: VegaProcess) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m"

    with Terminal(vega.home, "ask", hostile) as terminal:
        assert terminal.wait() == 0
    with Terminal(vega.home, "history") as shown:
        assert shown.wait() == 0
    piped = _run(vega, "ask", hostile)

    for output in (terminal.output, shown.output):
        assert "␛]0;owned␇" in output
        assert not {"\x1b]", "\x07", "\x1b[2J", "\x9b"} & {
            one for one in ("\x1b]", "\x07", "\x1b[2J", "\x9b") if one in output
        }
    assert hostile in piped.stdout


def test_a_home_with_a_very_long_name_is_found(make_vega: MakeVega, tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / ("deeper" * 20)
    deep.mkdir(parents=True)
    vega = make_vega(str(deep.relative_to(tmp_path) / "home"))
    vega.start()

    assert _run(vega, "ask", "Hello.").stdout == f"{HELLO}\n"
