"""`vega model serve`: one model for several lives, in the foreground.

It runs the same supervised model host as a single Vega has for itself, on an address that the lives
know. It belongs to no life: it holds no home folder, and keeps on no disk what they say.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vega.errors import ConfigError

if TYPE_CHECKING:
    from vega.llm.catalogue import CatalogueModel
    from vega.llm.host import ModelHost, Sharing


def serve(
    model: Annotated[
        str, typer.Argument(help="A name of the catalogue, or a GGUF file.", show_default=False)
    ] = "",
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = 8081,
    slots: Annotated[
        int, typer.Option(min=1, max=64, help="How many lives it serves, each with its own slot.")
    ] = 2,
) -> None:
    """Serve a model to several lives, each of which names it in VEGA_MODEL_URL."""
    # Imported here, as all that follows: other commands need none of it.
    import asyncio
    import logging

    from vega.cli.serve import ProgressLine
    from vega.config import load_settings
    from vega.llm.download import ModelFiles
    from vega.llm.host import ModelHost, Sharing

    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr
    )
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    settings = load_settings()
    key = settings.model_key.get_secret_value() if settings.model_key else None
    sharing = Sharing(host, port, slots, key)
    wanted = _model(model or settings.model)
    _check_door(sharing)
    files = ModelFiles(settings.models_folder, settings.model_hub)
    shared = ModelHost(wanted, files, None, sharing=sharing, on_progress=ProgressLine())
    print(_banner(wanted, sharing), flush=True)
    asyncio.run(_run(shared))


async def _run(shared: "ModelHost") -> None:
    """Until SIGTERM or Ctrl-C. A model that dies, or cannot be fetched yet, is tried again."""
    import asyncio
    import signal

    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await shared.start()
    await ended.wait()
    await shared.stop()


def _model(wanted: str) -> "CatalogueModel":
    """Raises ConfigError, ModelFileRefused."""
    from vega.llm import catalogue
    from vega.llm.gguf_file import local_model

    found = catalogue.find(wanted or catalogue.SMOLLM2_135M.id)
    if found is not None and found.kind == "chat":
        return found
    if Path(wanted).is_file():
        return local_model(Path(wanted).absolute())
    known = ", ".join(model.id for model in catalogue.CATALOGUE if model.kind == "chat")
    raise ConfigError(f"{wanted} is no model that can be served: neither a file, nor {known}.")


def _check_door(sharing: "Sharing") -> None:
    """Raises ConfigError where the child could not listen, or would be open to others."""
    import socket

    from vega.config import is_loopback

    if sharing.key is None and not is_loopback(sharing.host):
        raise ConfigError(
            f"Others can reach {sharing.host}, so this server needs a key: set VEGA_MODEL_KEY, "
            "here and for the lives that use it."
        )
    family = socket.AF_INET6 if ":" in sharing.host else socket.AF_INET
    try:
        # The child says only that it failed. Let go of at once, for the child to take.
        socket.create_server((sharing.host, sharing.port), family=family).close()
    except OSError as exc:
        raise ConfigError(
            f"The model server cannot listen on {sharing.host}:{sharing.port}: {exc.strerror}. "
            "Choose another port with --port."
        ) from exc


def _banner(model: "CatalogueModel", sharing: "Sharing") -> str:
    host = f"[{sharing.host}]" if ":" in sharing.host else sharing.host
    key = "as VEGA_MODEL_KEY says" if sharing.key else "none needed on this machine"
    return (
        f"One model for {sharing.slots} lives: {model.id}\n"
        f"  For each  VEGA_MODEL_URL=http://{host}:{sharing.port}/v1\n"
        f"  Key       {key}"
    )
