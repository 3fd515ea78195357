"""`vega service …`: Vega as a service of this machine, or of this user."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vega.cli import screen
from vega.errors import VegaError

if TYPE_CHECKING:
    from vega.service.instance import Instance
    from vega.service.systemctl import Systemctl

app = typer.Typer(
    help="Install, remove, start, stop and look at the service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

SCRIPT = "setup_jarvis_mode.sh"

IsUsers = Annotated[bool, typer.Option("--user", help="The service of your user, without root.")]
Person = Annotated[str, typer.Option("--person", metavar="NAME", help="That person's service.")]
#: Of `install`: what follows is the script's.
_PASSES_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_PASSES_ON)
def install(context: typer.Context) -> None:
    """Install it, or bring it up to date; takes the options of setup_jarvis_mode.sh."""
    run_script(source_folder(), context.args)


@app.command()
def uninstall(is_users: IsUsers = False, person: Person = "") -> None:
    """Remove it; the life stays where it is."""
    # Imported here, as everything that only the service needs.
    from vega.service.setup import run
    from vega.service.wishes import Wishes

    instance = chosen(is_users, person)
    wishes = Wishes(
        source=Path("/"),
        typed=" ".join(("vega service uninstall", *instance.options)),
        person=person,
        is_users=instance.is_users,
        is_uninstall=True,
    )
    raise typer.Exit(run(wishes))


@app.command()
def start(is_users: IsUsers = False, person: Person = "") -> None:
    """Start it, and its ports."""
    instance, systemctl = _to_change(is_users, person, "start")
    systemctl.do("start", instance.socket_unit, instance.service_unit)


@app.command()
def stop(is_users: IsUsers = False, person: Person = "") -> None:
    """Stop it, and its ports, which would start it again; the next boot starts it."""
    instance, systemctl = _to_change(is_users, person, "stop")
    systemctl.do("stop", instance.socket_unit, instance.service_unit)


@app.command()
def restart(is_users: IsUsers = False, person: Person = "") -> None:
    """Restart it; clients wait meanwhile."""
    instance, systemctl = _to_change(is_users, person, "restart")
    systemctl.do("restart", instance.service_unit)


@app.command()
def status(is_users: IsUsers = False, person: Person = "") -> None:
    """Say how it is; exit code 1 if it does not run."""
    from vega.service import state
    from vega.service.systemctl import Systemctl

    instance = chosen(is_users, person)
    systemctl = Systemctl(is_users=instance.is_users)
    for line in state.describe(instance, systemctl):
        print(screen.printable(line))
    if not state.is_well(instance, systemctl):
        raise typer.Exit(1)


@app.command()
def logs(
    is_users: IsUsers = False,
    person: Person = "",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as more comes.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many, at most.")] = 50,
) -> None:
    """Show its log."""
    from vega.service.systemctl import Systemctl

    instance = chosen(is_users, person)
    _require_installed(instance)
    systemctl = Systemctl(is_users=instance.is_users)
    words = ("--lines", str(lines), *(("--follow",) if follow else ("--no-pager",)))
    command = systemctl.log_command(instance.service_unit, *words)
    os.execvpe(command[0], command, systemctl.environment())  # noqa: S606


def chosen(is_users: bool, person: str) -> "Instance":
    """The life that is meant: without options the machine's, or a user's own, if there is one."""
    from vega.service.instance import check_name, system_instance, user_instance

    if person:
        if is_users:
            raise VegaError("--person is a user of the system, so it goes without --user.")
        return system_instance(check_name(person))
    mine = user_instance()
    return mine if is_users or (os.geteuid() and mine.is_installed) else system_instance()


def source_folder() -> Path:
    """The folder that this code was installed from, or is. Raises VegaError."""
    from vega.service.versions import Versions

    here = Path(__file__).resolve().parents[3]
    # A version that the service runs knows where it came from.
    found = (Versions(here.parents[1]).source() if here.parent.name == "versions" else None) or here
    if not (found / SCRIPT).exists():
        raise VegaError(
            f"{found / SCRIPT} is not there. Clone Vega, and run the script in the clone; or name "
            "the clone: vega upgrade --from FOLDER"
        )
    return found


def run_script(folder: Path, words: list[str]) -> None:
    """In place of this process. Raises VegaError where root must not trust it."""
    script = folder / SCRIPT
    if os.geteuid() == 0:
        _check_trust(folder)
    sys.stdout.flush()
    environment = {name: text for name, text in os.environ.items() if name != "VEGA_HOME"}
    os.execve(script, (str(script), *words), environment)  # noqa: S606


def _check_trust(folder: Path) -> None:
    """What root runs belongs to root, or to whoever became root by sudo, and to nobody else; the
    folder may have been another one when it was remembered."""
    trusted = {0, int(os.environ.get("SUDO_UID", "0"))}
    for path in (folder / SCRIPT, folder, *folder.resolve().parents):
        state = path.stat()
        is_sticky = state.st_mode & 0o1000
        if state.st_uid not in trusted or (state.st_mode & 0o002 and not is_sticky):
            raise VegaError(
                f"{path} can be changed by others than you, so root does not run what is in there. "
                f"If you trust it, run it yourself: sudo {folder / SCRIPT}"
            )


def _to_change(is_users: bool, person: str, verb: str) -> tuple["Instance", "Systemctl"]:
    """The life that is meant, and what changes it. Raises VegaError."""
    from vega.service.systemctl import Systemctl

    instance = chosen(is_users, person)
    _require_installed(instance)
    if not instance.is_users and os.geteuid():
        words = " ".join(("sudo vega service", verb, *instance.options))
        raise VegaError(f"The service of the machine is root's: {words}")
    return instance, Systemctl(is_users=instance.is_users)


def _require_installed(instance: "Instance") -> None:
    """Raises VegaError."""
    if not instance.is_installed:
        words = " ".join((f"./{SCRIPT}", *instance.options))
        raise VegaError(f"No {instance.service} is installed here; this makes one: {words}")
