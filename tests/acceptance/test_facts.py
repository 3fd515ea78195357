"""What a real Vega knows of its owner, seen and changed in the terminal."""

import asyncio
import json
import subprocess
from typing import Any

from tests.acceptance.conftest import MakeVega
from tests.model_server import Behaviour, ModelServer
from tests.terminal import Terminal, run_command
from tests.vega_process import VegaProcess, wait_until

SECONDS = 30.0


def told(make_vega: MakeVega, **settings: Any) -> VegaProcess:
    """A life in which two colours and a name were told."""
    vega = make_vega(**settings)
    vega.start()
    for prompt in (
        "My favorite color is blue.",
        "My favorite color is green.",
        "My name is Ana.",
    ):
        vega.chat(prompt).raise_for_status()
    return vega


def facts(vega: VegaProcess, *words: str) -> str:
    """What the command prints."""
    done = run_command(vega.home, "facts", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(vega: VegaProcess, *words: str) -> subprocess.CompletedProcess[str]:
    done = run_command(vega.home, "facts", *words)
    assert done.returncode == 1
    assert done.stderr.startswith("vega: ")
    return done


def values(vega: VegaProcess, *words: str) -> dict[str, int]:
    """The id of each fact that is listed, by its value, in their order."""
    found = json.loads(facts(vega, "list", "--json", *words))["facts"]
    return {fact["value"]: fact["id"] for fact in found}


def test_facts_are_shown_put_right_pinned_and_kept_here(make_vega: MakeVega) -> None:
    vega = told(make_vega)

    assert list(values(vega)) == ["Ana", "green"]
    assert list(values(vega, "--all")) == ["Ana", "green", "blue"]
    assert list(values(vega, "--kind", "name")) == ["Ana"]
    assert facts(vega) == facts(vega, "list")
    ids = {value: str(number) for value, number in values(vega).items()}

    shown = facts(vega, "show", ids["green"])
    assert "favorite color: green  (told on" in shown
    assert "Told in turn 2, in your own words." in shown
    assert "favorite color: blue" in shown
    assert "until" in shown

    corrected = facts(vega, "correct", ids["green"], "teal")
    assert "favorite color: teal" in corrected
    teal = corrected.split()[0]
    assert "pinned" in facts(vega, "pin", teal)
    assert "private, pinned" not in facts(vega, "private", teal)
    assert "pinned, private" in facts(vega, "show", teal)
    assert "pinned" not in facts(vega, "unpin", teal)
    assert "private" not in facts(vega, "public", teal)
    assert list(values(vega)) == ["Ana", "teal"]

    assert "put right before" in refused(vega, "correct", ids["green"], "grey").stderr
    assert "is empty" in refused(vega, "correct", teal, " ").stderr
    assert "no fact 99" in refused(vega, "show", "99").stderr
    assert "no fact 99" in refused(vega, "forget", "99", "--yes").stderr


def test_a_fact_is_forgotten_after_asking(make_vega: MakeVega) -> None:
    vega = told(make_vega)
    number = str(values(vega)["Ana"])

    assert "--yes" in refused(vega, "forget", number).stderr
    with Terminal(vega.home, "facts", "forget", number) as terminal:
        terminal.wait_for("Forget it? [y/N]")
        terminal.type("n\r")
        assert terminal.wait() == 1
        assert "Nothing was changed." in terminal.text
    with Terminal(vega.home, "facts", "forget", number) as terminal:
        terminal.wait_for("Forget it? [y/N]")
        terminal.type("y\r")
        assert terminal.wait() == 0
        assert "Its words still stand in turn 3; `vega forget 3` erases these too." in terminal.text

    assert list(values(vega)) == ["green"]
    assert vega.turn(3)["prompt"] == "My name is Ana."
    facts(vega, "redraw")
    wait_until(lambda: vega.status()["facts"]["pending"] == 0, SECONDS)
    assert list(values(vega)) == ["green"]


async def test_a_life_is_drawn_again_by_the_model_that_is_there_now(make_vega: MakeVega) -> None:
    items = [{"attribute": "home", "value": "Graz", "is_over": False}]
    behaviour = Behaviour(pieces=[json.dumps({"facts": items})], is_llama_cpp=False)
    async with ModelServer(behaviour) as server:
        await asyncio.to_thread(_draw_again, make_vega, server.url)


def _draw_again(make_vega: MakeVega, model_url: str) -> None:
    vega = told(make_vega)
    vega.chat("Since the divorce I have been living all alone in Graz.").raise_for_status()
    assert list(values(vega)) == ["Ana", "green"]
    assert "too small" in run_command(vega.home, "digest", "--again").stderr
    vega.terminate()
    vega.settings["VEGA_MODEL_URL"] = model_url
    vega.start()

    assert "Facts are drawn again from 4 turns" in facts(vega, "redraw")
    wait_until(lambda: vega.status()["facts"]["pending"] == 0, SECONDS)
    vega.kill()
    vega.start()

    number = str(values(vega)["Graz"])
    assert list(values(vega)) == ["Graz", "Ana", "green"]
    assert "Told in turn 4, drawn by stub." in facts(vega, "show", number)
    assert run_command(vega.home, "digest", "--again").stdout == (
        "0 digests will be written again, in the background.\n"
    )
