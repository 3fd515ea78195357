"""`vega ask`: one prompt, its answer, and an exit code for scripts.

Standard output gets the answer and nothing else; whatever there is to say about it goes to
standard error.
"""

import json
import os
import sys
from typing import Annotated

import typer

from vega.cli import screen
from vega.cli.client import MODEL_SECONDS, StillWaiting, new_key
from vega.cli.speech import Speech
from vega.cli.turns import sources_line

#: The most that one prompt may hold.
MAX_INPUT_BYTES = 1024 * 1024
FAILED = 3
WAITING = 4
INTERRUPTED = 130


def ask(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PROMPT", help="What to say; - or nothing: what standard input holds."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="How long to wait for a model.")
    ] = MODEL_SECONDS,
) -> None:
    """Say something, print the answer; standard input is put below the prompt."""
    # Where the locale knows ASCII only, the rest of what was typed arrives as stand-ins.
    prompt = _prompt([os.fsencode(word).decode(errors="replace") for word in words or []])
    speech = Speech(is_silent=as_json)
    try:
        answer = speech.say(prompt, new_key(), wait)
    except StillWaiting as exc:
        if as_json:
            data = {"error": str(exc), "code": "answer_delayed", "turn_id": exc.turn_id}
            print(json.dumps(data))
        else:
            screen.tell(f"vega: {exc}")
        raise typer.Exit(WAITING) from exc
    if as_json:
        print(json.dumps(answer.data))
    elif answer.error or answer.note:
        screen.tell(f"vega: {answer.error or answer.note}")
    elif answer.sources:
        screen.tell_person(sources_line(answer.sources))
    if speech.is_interrupted:
        raise typer.Exit(INTERRUPTED)
    if answer.status == "failed":
        raise typer.Exit(FAILED)


def _prompt(words: list[str]) -> str:
    """What was typed, and below it what standard input holds."""
    typed = "" if words == ["-"] else " ".join(words)
    is_typed = sys.stdin.isatty()
    if is_typed and words == ["-"]:
        screen.tell("Type what you want to say; Ctrl-D on an empty line ends it.")
    given = "" if is_typed and words != ["-"] else _input()
    prompt = "\n\n".join(part for part in (typed, given.strip("\n")) if part.strip())
    if not prompt:
        raise typer.BadParameter("There is nothing to ask.", param_hint="PROMPT")
    return prompt


def _input() -> str:
    data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    if len(data) > MAX_INPUT_BYTES:
        raise typer.BadParameter(
            f"It holds more than the {MAX_INPUT_BYTES:,} bytes that one prompt may have.",
            param_hint="standard input",
        )
    return data.decode(errors="replace")
