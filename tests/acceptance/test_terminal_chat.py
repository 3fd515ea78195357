"""`vega chat` in a real terminal."""

import subprocess

import pytest

from tests.acceptance.conftest import MakeVega
from tests.terminal import PATIENCE_SECONDS, VEGA, Terminal, environment, screen_lines
from tests.vega_process import VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

SLOW = "scripted:?words=60&delay_ms=60"
READY = "Ctrl-D leaves"


def _say(terminal: Terminal, text: str) -> None:
    terminal.type(text)
    terminal.press("Enter")


def _spoken(terminal: Terminal) -> str:
    """What was written, as if on one long line."""
    return " ".join(terminal.text.split())


def _wait_for_answer(terminal: Terminal, answer: str) -> None:
    wait_until(lambda: answer in _spoken(terminal), PATIENCE_SECONDS)


@pytest.fixture
def slow(make_vega: MakeVega) -> VegaProcess:
    vega = make_vega(model_url=SLOW)
    vega.start()
    return vega


def test_the_conversation_goes_on_where_it_was(vega: VegaProcess) -> None:
    vega.chat("The first thing.", origin="page")
    vega.chat("The second thing.", origin="terminal")

    with Terminal(vega.home, "chat") as terminal:
        terminal.wait_for(READY)
        _say(terminal, "The third thing.")
        _wait_for_answer(terminal, scripted_answer("The third thing.", 12))
        terminal.press("C-d")
        code = terminal.wait()

    shown = terminal.text
    assert code == 0
    assert shown.index("The first thing.") < shown.index("The second thing.")
    assert "page" in shown
    assert [turn["prompt"] for turn in vega.history()][-1] == "The third thing."
    assert vega.turn(3)["origin"] == "terminal"


def test_ctrl_c_stops_the_answer_and_not_the_conversation(slow: VegaProcess) -> None:
    with Terminal(slow.home, "chat") as terminal:
        terminal.wait_for(READY)
        _say(terminal, "Count.")
        terminal.wait_for("word3")
        terminal.press("C-c")
        terminal.wait_for("(stopped)")
        _say(terminal, "Go on.")
        _wait_for_answer(terminal, scripted_answer("Go on.", 60))
        terminal.press("C-d")

        assert terminal.wait() == 0

    assert slow.turn(1)["status"] == "stopped"
    assert "word3" in slow.turn(1)["response"]
    assert slow.turn(2)["status"] == "completed"


def test_ctrl_c_on_an_empty_line_says_how_to_leave(vega: VegaProcess) -> None:
    with Terminal(vega.home, "chat") as terminal:
        terminal.wait_for(READY)
        terminal.press("C-c")
        terminal.wait_for(READY, 2)
        terminal.type("never sent")
        terminal.press("C-c")
        _say(terminal, "Sent.")
        terminal.wait_for("word12")
        terminal.press("C-d")

        assert terminal.wait() == 0

    assert [turn["prompt"] for turn in vega.history()] == ["Sent."]


def test_a_prompt_may_have_several_lines_typed_or_pasted(vega: VegaProcess) -> None:
    with Terminal(vega.home, "chat") as terminal:
        terminal.wait_for(READY)
        terminal.type("one")
        terminal.press("M-Enter")
        terminal.type("\x1b[200~two\rthree\r\x1b[201~four")
        terminal.press("Enter")
        terminal.wait_for("word12")

    assert vega.turn(1)["prompt"] == "one\ntwo\nthree\nfour"


def test_what_was_said_before_is_under_the_arrow_keys(vega: VegaProcess) -> None:
    vega.chat("Said on the page.", origin="page")

    with Terminal(vega.home, "chat") as terminal:
        terminal.wait_for(READY)
        terminal.press("Up", "Enter")
        wait_until(lambda: len(vega.history()) == 2, PATIENCE_SECONDS)

    assert vega.turn(2)["prompt"] == "Said on the page."


def test_what_is_said_elsewhere_is_shown_meanwhile(vega: VegaProcess) -> None:
    with Terminal(vega.home, "chat") as terminal, Terminal(vega.home, "chat") as other:
        terminal.wait_for(READY)
        other.wait_for(READY)
        vega.chat("From the page.", origin="page")
        for window in (terminal, other):
            _wait_for_answer(window, scripted_answer("From the page.", 12))
        _say(terminal, "From a window.")
        for window in (terminal, other):
            _wait_for_answer(window, scripted_answer("From a window.", 12))

        assert _spoken(terminal).count("You said: From a window.") == 1


def test_an_answer_goes_on_when_the_server_was_killed(slow: VegaProcess) -> None:
    with Terminal(slow.home, "chat", columns=40) as terminal:
        terminal.wait_for(READY)
        _say(terminal, "Count.")
        terminal.wait_for("word9")
        slow.kill()
        slow.start()
        _wait_for_answer(terminal, "word60 >")
        begun = terminal.output.index("You said")
        screen = _screen_of(terminal.output[begun:])

    assert " ".join(screen.split()) == scripted_answer("Count.", 60)
    assert len(slow.history()) == 1


def test_a_prompt_that_found_no_vega_is_there_for_the_next_try(slow: VegaProcess) -> None:
    with Terminal(slow.home, "chat") as terminal:
        terminal.wait_for(READY)
        slow.terminate()
        _say(terminal, "Never lost.")
        terminal.wait_for("Vega is not running")
        slow.start()
        terminal.press("Enter")
        terminal.wait_for("word3")

    assert [turn["prompt"] for turn in slow.history()] == ["Never lost."]


def test_what_is_typed_while_an_answer_comes_is_the_next_line(slow: VegaProcess) -> None:
    with Terminal(slow.home, "chat") as terminal:
        terminal.wait_for(READY)
        _say(terminal, "First.")
        terminal.wait_for("word3")
        _say(terminal, "Second.")
        wait_until(lambda: len(slow.history()) == 2, PATIENCE_SECONDS)

        assert "Second." not in terminal.text[: terminal.text.index("word60")]

    assert slow.turn(2)["prompt"] == "Second."


def test_a_model_that_is_away_is_told_and_the_prompt_kept(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="scripted:?away=yes")
    vega.start()

    with Terminal(vega.home, "chat") as terminal:
        terminal.wait_for(READY)
        _say(terminal, "Anybody there?")
        terminal.wait_for("The scripted model is away.")
        terminal.press("C-c")
        terminal.wait_for("(stopped)")
        terminal.press("C-d")

        assert terminal.wait() == 0

    assert vega.turn(1)["prompt"] == "Anybody there?"


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"NO_COLOR": "1"}])
def test_a_chat_needs_no_talented_terminal(vega: VegaProcess, variables: dict[str, str]) -> None:
    with Terminal(vega.home, "chat", columns=40, variables=variables) as terminal:
        terminal.wait_for(READY)
        _say(terminal, "Hello.")
        terminal.wait_for("word12")
        terminal.press("C-d")

        assert terminal.wait() == 0


def test_a_chat_without_a_terminal_points_to_ask(vega: VegaProcess) -> None:
    done = subprocess.run(
        [*VEGA, "chat"],
        input="Hello.",
        env=environment(vega.home),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 2
    assert "vega ask" in done.stderr
    assert vega.history() == []


def _screen_of(output: str) -> str:
    """The lines of an answer, up to where the editor begins again."""
    return "\n".join(screen_lines(output.partition("\x1b[?")[0], 40))
