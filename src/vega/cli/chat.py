"""`vega chat`: the conversation in a terminal.

What is said in other windows and channels meanwhile is shown too: a second thread follows the
whole life. It writes only while the line is edited, above it; the rest of the time the screen
belongs to the answer that is being written.
"""

import sys
import threading
import time
from contextlib import closing, suppress
from typing import NoReturn

import typer

from vega.cli import screen
from vega.cli.client import (
    ENDS,
    Client,
    ConnectionLost,
    NotRunning,
    Refused,
    StillWaiting,
    Stream,
    new_key,
)
from vega.cli.history import last_turns
from vega.cli.speech import Speech
from vega.cli.turns import Turn, TurnPrinter, sources_line
from vega.errors import VegaError

#: How many turns are shown at the start, and how many prompts the arrow keys reach.
SHOWN_TURNS = 5
REMEMBERED_TURNS = 100
RETRY_SECONDS = 1.0
USAGE = 2
KEYS = "Ctrl-D leaves, Ctrl-C stops an answer, Alt-Enter begins a new line."


def chat() -> None:
    """Talk to Vega; the conversation goes on where it was."""
    if not (screen.is_terminal(sys.stdin) and screen.is_terminal(sys.stdout)):
        screen.tell("vega: a chat needs a terminal; in a script use `vega ask`.")
        raise typer.Exit(USAGE)
    Chat().run()


class Chat:
    """One window on the conversation."""

    def __init__(self) -> None:
        self._client = Client()
        self._printer = TurnPrinter()
        #: Turns whose end stands on the screen.
        self._shown: set[int] = set()
        #: Whoever holds it may write.
        self._screen = threading.Lock()
        #: What could not be sent, and under which key: sent again, it is still one prompt.
        self._draft = ""
        self._key = ""

    def run(self) -> None:
        """Until Ctrl-D. Raises NotRunning and the like at the start only."""
        # Followed from before the history is read: what ends in between is in one of the two.
        life = self._client.follow_life()
        turns, _ = last_turns(self._client, REMEMBERED_TURNS)
        # Imported here: by now it is sure that they are needed.
        from prompt_toolkit.patch_stdout import patch_stdout

        from vega.cli.line_editor import LineEditor, typing_ahead

        self._printer.print(turns[-SHOWN_TURNS:])
        self._shown |= {turn["id"] for turn in turns if turn["ended_at"]}
        editor = LineEditor([turn["prompt"] for turn in turns])
        threading.Thread(target=self._follow, args=(life,), daemon=True).start()
        with typing_ahead(is_interruptible=False):
            print(screen.dim(KEYS))
            while True:
                with patch_stdout(raw=True):
                    try:
                        prompt = editor.read(self._draft)
                    except EOFError:
                        return
                    finally:
                        self._screen.acquire()
                try:
                    if prompt is None:
                        print(screen.dim(KEYS))
                    elif prompt.strip():
                        with typing_ahead(is_interruptible=True):
                            self._say(prompt)
                finally:
                    self._screen.release()

    def _say(self, prompt: str) -> None:
        key = self._key if prompt == self._draft else new_key()
        self._draft = ""
        speech = Speech()
        try:
            answer = speech.say(prompt, key)
            self._shown.add(answer.turn_id)
            if answer.error or answer.note:
                print(screen.dim(f"({answer.error or answer.note})"))
            elif answer.status == "stopped":
                print(screen.dim("(stopped)"))
            elif answer.sources:
                print(screen.dim(sources_line(answer.sources)))
        except StillWaiting as exc:
            print(screen.dim(f"({exc} It is shown here as well.)"))
        except (NotRunning, ConnectionLost, Refused, KeyboardInterrupt) as exc:
            if str(exc):
                screen.tell(f"vega: {exc}")
            if speech.answer.turn_id:
                print(screen.dim("(Your prompt is kept, and answered all the same.)"))
            else:
                self._draft, self._key = prompt, key
        print()

    def _follow(self, life: Stream | None) -> NoReturn:
        while True:
            with suppress(VegaError, OSError):
                life = life or self._followed_again()
                with closing(life):
                    for event in life.events():
                        if event.kind in ENDS:
                            self._show(self._client.get(f"/api/turns/{event.data['turn_id']}"))
            life = None
            time.sleep(RETRY_SECONDS)

    def _followed_again(self) -> Stream:
        """The life from now on; what has ended meanwhile is shown first."""
        life = self._client.follow_life()
        turns, _ = last_turns(self._client, REMEMBERED_TURNS)
        for turn in turns:
            if turn["ended_at"]:
                self._show(turn)
        return life

    def _show(self, turn: Turn) -> None:
        """A turn that ended elsewhere, or later than its prompt was waited for."""
        with self._screen:
            if turn["id"] not in self._shown:
                self._shown.add(turn["id"])
                self._printer.print([turn])
