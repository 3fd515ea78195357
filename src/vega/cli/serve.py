"""`vega serve`: runs Vega in the foreground, and says where it is."""

import asyncio
import logging
import os
import resource
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vega.llm.base import without_credentials

if TYPE_CHECKING:
    from vega.config import Settings

#: A line of progress is written at most for each so many per cent, where it cannot be rewritten.
PROGRESS_STEP_PERCENT = 10
_MEGABYTE = 1_000_000


def serve() -> None:
    """Run Vega in the foreground; Ctrl-C ends it."""
    # Imported here: other commands need none of it.
    from vega import server
    from vega.api.devices import page_url
    from vega.config import load_settings

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    for noisy in ("httpx2", "httpcore2", "openai"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns of whatever is no HTTP, so that anybody could fill the log.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    # Whatever is written from here on is the owner's alone.
    os.umask(0o077)
    _leave_no_core()
    settings = load_settings()

    def announce(held: "Settings", key_place: str, link: str | None) -> None:
        print(banner(held, key_place, page_url(held), link), flush=True)

    asyncio.run(server.serve(settings, announce, ProgressLine()))


def _leave_no_core() -> None:
    """No core dump gets what is in memory: what was said, and keys; nor one of the model host.

    One byte, not none: programs to which cores are piped get none of a process with this limit
    (Linux, fs/coredump.c), while they get those of one with 0.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 1 if hard == resource.RLIM_INFINITY else min(1, hard)
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def banner(settings: "Settings", key_place: str, page: str, link: str | None) -> str:
    """Where everything is; first what a person needs first."""
    vega = command(sys.argv[0])
    base = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}"
    if settings.model_url:
        address = without_credentials(settings.model_url)
        model = f"{settings.model_name or 'the first model'} at {address}"
    else:
        model = settings.model or f"the best that is here ({vega} model list)"
    key = key_place if settings.require_key else "not needed on this machine"
    if link:
        how = f"opens the page in one browser, once, within the hour; another link: {vega} open"
    else:
        how = f"{vega} open makes the link that opens it in a browser"
    return (
        "Vega is here: one conversation for life.\n"
        f"  Page   {link or page}\n"
        f"         {how}\n"
        f"  API    {base}:{settings.port} and {base}:{settings.page_port}\n"
        f"         described at {base}:{settings.port}/docs\n"
        f"  Key    {key}\n"
        f"  Model  {model}\n"
        f"  Home   {settings.home}"
    )


def command(called: str) -> str:
    """What an owner types to call this program, which is seldom on the PATH of a clone."""
    program = Path(called).absolute()
    if shutil.which("vega") or program.name != "vega":
        return "vega"
    here = Path.cwd()
    return str(program.relative_to(here) if program.is_relative_to(here) else program)


class ProgressLine:
    """Tells how far a download has come: one line rewritten, or a few lines in a log."""

    def __init__(self) -> None:
        self._told = -PROGRESS_STEP_PERCENT

    def __call__(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        percent = 100 * done_bytes // total_bytes if total_bytes else 0
        text = f"Fetching {model_id}: {done_bytes / _MEGABYTE:.0f} MB ({percent} %)"
        is_done = done_bytes >= total_bytes
        if sys.stderr.isatty():
            print(f"\r{text}\x1b[K", end="\n" if is_done else "", file=sys.stderr, flush=True)
        elif percent >= self._told + PROGRESS_STEP_PERCENT or is_done:
            print(text, file=sys.stderr, flush=True)
            self._told = -PROGRESS_STEP_PERCENT if is_done else percent
