"""The command line: `vega serve` and what goes with it."""

import asyncio
import logging
import os
import sys
from typing import Annotated

import typer

import vega
from vega.config import Settings, load_settings
from vega.errors import VegaError

app = typer.Typer(
    name="vega",
    help="A personal AI that is always there, in one conversation for life.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

#: A line of progress is written at most for each so many per cent, where it cannot be rewritten.
PROGRESS_STEP_PERCENT = 10
_MEGABYTE = 1_000_000


def main() -> None:
    """The entry point: errors of ours are one line for the reader, not a traceback."""
    try:
        app()
    except (VegaError, OSError) as exc:
        print(f"vega: {exc}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        print(f"vega {vega.__version__}")
        raise typer.Exit


@app.callback()
def _vega(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """A personal AI that is always there, in one conversation for life."""


@app.command()
def serve() -> None:
    """Run Vega in the foreground; Ctrl-C ends it."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    for noisy in ("httpx2", "httpcore2", "openai", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    settings = load_settings()
    # Whatever is written from here on is the owner's alone.
    os.umask(0o077)
    # Imported here: other commands need none of it.
    from vega import server

    def announce(key_place: str) -> None:
        print(_banner(settings, key_place), flush=True)

    asyncio.run(server.serve(settings, announce, ProgressLine()))


def _banner(settings: Settings, key_place: str) -> str:
    base = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}"
    if settings.model_url:
        model = f"{settings.model_name or 'the first model'} at {settings.model_url}"
    else:
        model = "the built-in one, on this machine"
    key = key_place if settings.require_key else "not needed on this machine"
    return (
        "Vega is here: one conversation for life.\n"
        f"  API    {base}:{settings.port} and {base}:{settings.page_port}\n"
        f"         described at {base}:{settings.port}/docs\n"
        f"  Key    {key}\n"
        f"  Model  {model}\n"
        f"  Home   {settings.home}"
    )


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


if __name__ == "__main__":
    main()
