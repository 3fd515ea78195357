"""What is done while it is recorded: the whole of what Vega promises to keep."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.lives import tell
from tests.vega_process import VegaProcess
from torture.power_cut.recording import (
    ALTERED,
    Recorder,
    Recording,
    end,
    files_of,
    forget,
    import_lines,
    pause,
    record_settings,
    say,
    say_stubbornly,
    say_together,
    until,
)
from vega.core.store import Store

#: Turns of an old life; settings that are written.
OLD_TURNS = 12
#: Of each thread's syncs every eleventh, but for the first ones, which a start needs; and not for
#: ever, since what is tried again may come to just so many syncs each time.
FAILING = ("-e", "inject=fsync,fdatasync:error=EIO:when=9..200+11")
#: Nothing is embedded where memory is scarce.
ENOUGH_MEMORY = {"VEGA_WARNING_THRESHOLD_PERCENT": "99", "VEGA_CRITICAL_THRESHOLD_PERCENT": "100"}
LONG = "and so on, for as long as it takes to fill more than one sector of the disk, " * 12


def a_life(folder: Path, rounds: int) -> Recording:
    """From before the first start: everything a server does, a crash and a clean end between."""
    recorder = Recorder(folder)
    vega = recorder.serve()
    try:
        for number in range(rounds):
            _talk(vega, recorder, f"round {number}")
            secret = say(vega, recorder, f"Xq7vzkt{number} is what I want to be forgotten. {LONG}")
            say(vega, recorder, f"Prompt {number} behind the one that goes.")
            import_lines(vega, recorder, f"import-{number}", 12)
            vega.request("POST", "/api/backups").raise_for_status()
            _until_moved(vega)
            forget(vega, secret)
            if number == 0:
                pause()
            # As a crash, or a power cut that the next one follows, leaves it.
            vega.kill()
            vega = recorder.serve()
            vega.wait_until_idle()
        _talk(vega, recorder, "the end")
        end(vega)
    finally:
        vega.kill()
    record_settings(recorder, ["first", "second-model-of-a-longer-name", "third"])
    vega = recorder.serve({"VEGA_MODEL": "third"})
    try:
        say(vega, recorder, "After everything.")
    finally:
        vega.kill()
    return recorder.finish("a whole life")


def an_old_life(folder: Path, make_old: Callable[[Path], list[str]]) -> Recording:
    """A life of an earlier schema: the first start migrates it."""
    recorder = Recorder(folder)
    recorder.said += make_old(recorder.home)
    recorder.before = files_of(recorder.home)
    vega = recorder.serve()
    try:
        _talk(vega, recorder, "on an old life")
    finally:
        vega.kill()
    return recorder.finish("an old life, migrated")


def with_vectors(folder: Path, rounds: int) -> Recording:
    """A life whose messages get vectors in the background, in files of their own."""
    recorder = Recorder(folder, (*ALTERED, "words"))
    asyncio.run(_live(recorder.home, recorder.said))
    recorder.before = files_of(recorder.home)
    vega = recorder.serve({"VEGA_EMBEDDING": "built-in", **ENOUGH_MEMORY})
    try:
        for number in range(rounds):
            _talk(vega, recorder, f"vectors {number}")
            _until_embedded(vega)
            forget(vega, say(vega, recorder, f"Xq7vzkt{number} goes from the vectors too."))
        vega.request("POST", "/api/index/rebuild").raise_for_status()
        _until_embedded(vega)
    finally:
        vega.kill()
    return recorder.finish("vectors", has_vectors=True)


def on_a_failing_disk(folder: Path, prompts: int) -> Recording:
    """Every few syncs fail; clients try again."""
    recorder = Recorder(folder)
    asyncio.run(_live(recorder.home, recorder.said))
    recorder.before = files_of(recorder.home)
    vega = recorder.serve(ENOUGH_MEMORY, *FAILING)
    try:
        for number in range(prompts):
            say_stubbornly(vega, recorder, f"Prompt {number} on a disk that fails. {LONG}")
    finally:
        vega.kill()
    return recorder.finish("a disk whose syncs fail")


def careless(folder: Path) -> Recording:
    """The canary: synchronous=NORMAL, under which acknowledged prompts are lost."""
    recorder = Recorder(folder, (*ALTERED, "normal"))
    vega = recorder.serve()
    try:
        _talk(vega, recorder, "careless")
    finally:
        vega.kill()
    return recorder.finish("synchronous=NORMAL")


def _talk(vega: VegaProcess, recorder: Recorder, name: str) -> None:
    say(vega, recorder, f"My favorite color is teal, as I said in {name}.")
    say(vega, recorder, f"What is my favorite color, in {name}?")
    say_together(vega, recorder, [f"Prompt {n} at the same time, {name}." for n in range(4)])
    say(vega, recorder, f"A long one, {name}: {LONG}")


def _until_moved(vega: VegaProcess) -> None:
    """Until a cleanup has put something away."""

    def is_moved() -> bool:
        tiers = vega.request("GET", "/metrics").json()["turns"]
        return bool(tiers["archived"])

    until(is_moved)


def _until_embedded(vega: VegaProcess) -> None:
    def is_done() -> bool:
        found = vega.request("GET", "/api/index").json()["vectors"]
        return bool(found["state"] == "ready")

    until(is_done)


async def _live(home: Path, said: list[str]) -> None:
    home.mkdir(parents=True)
    store = await Store.open(home)
    for number in range(OLD_TURNS):
        prompt, answer = f"Old prompt {number}", f"Old answer {number}"
        await tell(store, prompt, answer)
        said += [prompt, answer]
    await store.close()
