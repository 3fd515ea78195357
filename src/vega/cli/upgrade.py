"""`vega upgrade`: the setup script of the folder that the service was installed from, once more."""

from pathlib import Path
from typing import Annotated

import typer

from vega.cli import screen
from vega.cli.service import IsUsers, chosen, run_script, source_folder
from vega.errors import VegaError


def upgrade(
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Another clone than the one installed from."),
    ] = None,
    is_users: IsUsers = False,
) -> None:
    """Bring the installed service up to the code of its folder; a failed upgrade is undone."""
    instance = chosen(is_users, "")
    if folder is None:
        found = source_folder()
    else:
        found = folder.expanduser().resolve()
        if not (found / "setup_jarvis_mode.sh").exists():
            raise VegaError(f"{found} holds no setup_jarvis_mode.sh, so it is no clone of Vega.")
    screen.tell(f"Upgrading to the code in {found} (`git pull` there brings newer code) ...")
    run_script(found, ["--upgrade", *instance.options])
