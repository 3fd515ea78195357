"""Runs Vega: listens, has every part built (`vega.assembly`), serves.

The life of the process, in order: hold the home folder, listen, open the life, start the model
and the assistant, serve; on SIGTERM or Ctrl-C the same in reverse. It listens before it opens the
life, so that a client that comes early waits instead of being refused.
"""

import asyncio
import faulthandler
import gc
import logging
import os
import resource
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from vega import doors, unix_socket
from vega.api.app import create_app
from vega.api.devices import pairing_link
from vega.api.parts import Parts
from vega.api.serving import Server
from vega.api.stand_in import stand_in
from vega.assembly import running
from vega.config import Settings
from vega.core.clock import Clock, SystemClock
from vega.core.db import DATABASE_NAME
from vega.core.patterns import compile_patterns
from vega.core.store import Store
from vega.errors import DatabaseDamaged, DatabaseError, LifeRefused, ModelUnavailable
from vega.home import HomeLock
from vega.systemd import Manager, PassedSocket

log = logging.getLogger(__name__)

#: Open files and connections that Vega asks the system for.
OPEN_FILES = 65_536
#: For so many seconds it is waited for a model before a better one is offered.
OFFER_TRIES = 120

Progress = Callable[[str, int, int], None]
#: Told the settings that hold, where the key is, and the link that pairs a browser, if one may be
#: shown.
Announce = Callable[[Settings, str, str | None], None]


async def serve(
    settings: Settings, announce: Announce, on_progress: Progress, clock: Clock | None = None
) -> None:
    """Runs Vega until it is told to end, by the machine's clock if no other is given.

    `announce` is called once everything is there. Raises ConfigError, HomeInUse, DatabaseError
    for what keeps Vega from starting.
    """
    _show_stacks_at_death()
    _raise_open_files()
    manager = Manager.take()
    damage: DatabaseError | None = None
    async with AsyncExitStack() as stack:
        for passed in manager.passed:
            stack.callback(passed.listening.close)
        with manager.starting():
            manager.tell("STATUS=Opens the life.")
            lock = HomeLock(settings.home)
            stack.callback(lock.release)
            settings, opened = _open_doors(stack, settings, manager.passed)
            try:
                keys, parts = await stack.enter_async_context(
                    running(settings, on_progress, clock or SystemClock(settings.timezone))
                )
            except (DatabaseDamaged, LifeRefused) as exc:
                if not manager.passed:
                    raise
                damage = exc
        if damage is not None:
            # So that it can be repaired meanwhile, and commands see that Vega does not run.
            lock.release()
            await _stand_in(manager, opened, settings, damage)
            return

        def say_end() -> None:
            manager.tell("STOPPING=1", "STATUS=Ends.")
            parts.https.stop_accepting()
            parts.live_turns.close()

        def say_ready() -> None:
            manager.tell("READY=1", f"STATUS=Answers at {_addresses(opened)}.")
            stack.callback(asyncio.create_task(_show_life(manager, parts.store)).cancel)
            # Before the first prompt needs them, and after whoever waited was let in.
            threading.Thread(target=compile_patterns, name="patterns", daemon=True).start()

        secure = [door.listening for door in opened if door.name == "https"]
        plain = [door for door in opened if door.name != "https"]
        server = Server(create_app(parts), plain, on_serving=say_ready, before_end=say_end)
        await parts.https.start(server.config, server.server_state, secure)
        # What is loaded by now stays: a collection, which holds up everybody, may pass over it.
        gc.freeze()
        announce(settings, keys.whereabouts, await _link(parts))
        stack.callback(asyncio.create_task(_tell_offer(parts)).cancel)
        await server.serve()
        log.info("Vega ends; the conversation goes on at the next start.")


def _open_doors(
    stack: AsyncExitStack, settings: Settings, passed: Sequence[PassedSocket]
) -> tuple[Settings, list[doors.Door]]:
    """The settings that hold, and all doors; they are closed with the stack."""
    taken = doors.take_doors(settings, passed)
    settings = doors.heed(settings, taken)
    opened = doors.open_doors(settings, taken)
    local = doors.open_local_door(settings.home)
    if local is not None:
        opened.append(local)
        stack.callback(unix_socket.remove, settings.home)
    for door in opened:
        stack.callback(door.listening.close)
    return settings, opened


async def _stand_in(
    manager: Manager, opened: list[doors.Door], settings: Settings, error: DatabaseError
) -> None:
    """Instead of ending, and being started again for ever: everybody is told what to do."""
    log.error("%s `vega doctor --repair` puts together what is left.", error)
    for door in [each for each in opened if each.name == doors.LOCAL]:
        door.listening.close()
        unix_socket.remove(settings.home)

    def say_ready() -> None:
        manager.tell("READY=1", "STATUS=The life is damaged or missing: vega doctor --repair")

    await stand_in(
        [door for door in opened if door.name not in (doors.LOCAL, "https")],
        settings.home / DATABASE_NAME,
        on_serving=say_ready,
        on_look=lambda: manager.tell("WATCHDOG=1"),
    )


async def _show_life(manager: Manager, store: Store) -> None:
    """Says again and again that Vega lives: that this loop runs, and that the store answers.

    A store that answers with an error has answered: what it says is told elsewhere, and another
    start would mend nothing.
    """
    if manager.watchdog_seconds is None:
        return
    while True:
        try:
            await store.history(1)
        except Exception as exc:  # noqa: BLE001 - nothing but a hang may end the signs of life
            log.warning("The store answers with an error: %s", exc)
        manager.tell("WATCHDOG=1")
        await asyncio.sleep(manager.watchdog_seconds / 2)


def _addresses(opened: list[doors.Door]) -> str:
    return ", ".join(door.address for door in opened if door.name != doors.LOCAL)


async def _link(parts: Parts) -> str | None:
    """A one-time link to the page, to be printed."""
    if _is_journaled():
        return None
    try:
        made = await parts.pairing.make_code()
    except DatabaseError as exc:
        # A full disk keeps no Vega from starting.
        log.warning("There is no link to the page now: %s", exc)
        return None
    return pairing_link(parts.settings, made.code)


async def _tell_offer(parts: Parts) -> None:
    """Says once, when it is known what answers, which model would be better."""
    for _ in range(OFFER_TRIES):
        try:
            await parts.models.profile()
            break
        except ModelUnavailable:
            await asyncio.sleep(1)
    offer = await parts.menu.find_offer()
    if offer is not None:
        log.info("%s (vega model pull %s)", offer.text, offer.id)


def _is_journaled() -> bool:
    """Whether what is printed goes to systemd's journal, where others may read it.

    The variable alone does not say so: whatever runs in a desktop's terminal inherits it
    (systemd.exec(5)).
    """
    try:
        out = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{out.st_dev}:{out.st_ino}"


def _show_stacks_at_death() -> None:
    """A crash, and SIGABRT, by which systemd ends what hangs, leave in the log where all were."""
    try:
        faulthandler.enable()
    except (AttributeError, OSError, RuntimeError, ValueError):
        # There is no stderr, or it is no file.
        return


def _raise_open_files() -> None:
    """Many systems give a program 1,024 unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
