"""What whoever runs the setup script wants."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from vega.service.instance import Instance, check_name, system_instance, user_instance

PYTHON_NOTE = """\
PYTHON=/path/to/python3.13 before the script's name chooses the Python. Run it as often as you like:
it changes only what is not as it should be, and when a step fails it undoes what it did.
docs/service.md says more."""
DESCRIPTION = "Installs Vega as a service, or brings the installed one up to date with this folder."


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options, understood."""

    #: The folder that the code comes from.
    source: Path
    #: How the script was called, for a line to be typed again.
    typed: str
    person: str = ""
    is_users: bool = False
    port: int | None = None
    page_port: int | None = None
    begins_new_life: bool = False
    starts: bool = True
    is_upgrade: bool = False
    is_uninstall: bool = False

    @property
    def instance(self) -> Instance:
        """The life that is meant. Raises Refusal for a name that none can have."""
        if self.is_users:
            return user_instance()
        return system_instance(check_name(self.person) if self.person else "")


def read_wishes(source: Path, script: str, words: list[str]) -> Wishes:
    """Ends the program with 2 for what cannot be understood, with 0 for --help."""
    parser = argparse.ArgumentParser(
        prog=Path(script).name,
        description=DESCRIPTION,
        epilog=PYTHON_NOTE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--user", action="store_true", help="without root, for your user alone")
    add("--person", default="", metavar="NAME", help="one more life on this machine, with its own")
    add("--port", type=_port, metavar="N", help="another port of the API than 8000")
    add("--page-port", type=_port, metavar="N", help="another port of the page than 8080")
    add("--no-start", action="store_true", help="start nothing now; it starts at boot")
    add("--new-life", action="store_true", help="begin anew although there is one in your ~/.vega")
    add("--upgrade", action="store_true", help="bring what is installed up to date, nothing else")
    add("--uninstall", action="store_true", help="remove the service; the life stays where it is")
    found = parser.parse_args(words)
    if found.user and found.person:
        parser.error("--person makes a user of the system, so it goes without --user.")
    if found.port is not None and found.port == found.page_port:
        parser.error("--port and --page-port must differ.")
    return Wishes(
        source=source,
        typed=" ".join((script, *words)),
        person=found.person,
        is_users=found.user,
        port=found.port,
        page_port=found.page_port,
        begins_new_life=found.new_life,
        starts=not found.no_start,
        is_upgrade=found.upgrade,
        is_uninstall=found.uninstall,
    )


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)
