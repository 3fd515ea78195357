"""The commands, put together from one module each."""

from typing import Annotated

import typer

import vega
from vega.cli import (
    ask,
    backup,
    chat,
    config,
    device,
    digest,
    doctor,
    facts,
    forget,
    history,
    indexing,
    key,
    model,
    recall,
    search,
    serve,
    service,
    status,
    tls,
    verify,
)
from vega.cli.open import open_page
from vega.cli.upgrade import upgrade

app = typer.Typer(
    name="vega",
    help="A personal AI that is always there, in one conversation for life.",
    no_args_is_help=True,
    # Plain help: it is read at 40 columns too, and loads nothing.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command()(serve.serve)
app.command()(chat.chat)
app.command()(ask.ask)
app.command()(history.history)
app.command()(recall.recall)
app.command()(search.search)
app.command()(digest.digest)
app.command()(status.status)
app.command()(config.config)
app.command("open")(open_page)
app.command()(doctor.doctor)
app.command()(verify.verify)
app.command()(forget.forget)
app.command()(upgrade)
app.add_typer(service.app, name="service")
app.add_typer(model.app, name="model")
app.add_typer(backup.app, name="backup")
app.add_typer(key.app, name="key")
app.add_typer(device.app, name="device")
app.add_typer(tls.app, name="tls")
app.add_typer(facts.app, name="facts")
app.add_typer(indexing.app, name="index")


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
