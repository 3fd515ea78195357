"""The addresses that a life is called at, as its settings have them, and whether they are free."""

import json
import re
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from vega.service.instance import SERVICE, Instance
from vega.service.owner import Owner
from vega.service.saying import Refusal, StepFailed

API_PORT, PAGE_PORT = 8000, 8080
#: Where the search for a further life's begins.
NEXT_API_PORT, NEXT_PAGE_PORT = 8001, 8090
LAST_PORT = 65535
#: Run as the life's owner, by a Python that has nothing installed: what stands in vega.toml.
READ_SETTINGS = """
import json, pathlib, sys, tomllib
path = pathlib.Path(sys.argv[1])
try:
    given = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
except (OSError, ValueError) as error:
    sys.exit(f"{path} cannot be read: {error}.")
print(json.dumps({name: given.get(name) for name in ("host", "port", "page_port")}))
"""


@dataclass(frozen=True, slots=True)
class Doors:
    """One address, two ports."""

    host: str = "127.0.0.1"
    port: int = API_PORT
    page_port: int = PAGE_PORT

    def address(self, port: int) -> str:
        """As systemd listens on it."""
        host = self._resolved()
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    def local_url(self, port: int) -> str:
        """As a program on this machine calls it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._resolved(), self._resolved())  # noqa: S104
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _resolved(self) -> str:
        """A name such as localhost as an address, since systemd knows no names."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            found = socket.getaddrinfo(self.host, None, family, socket.SOCK_STREAM)
        except OSError as exc:
            raise Refusal(f"host = {self.host!r} is no address of a machine: {exc}.") from exc
        return str(found[0][4][0])


def read_doors(settings: Path, owner: Owner, python: Path) -> Doors:
    """What that vega.toml says. Raises Refusal."""
    try:
        found = json.loads(owner.told(python, "-I", "-c", READ_SETTINGS, settings))
    except StepFailed as exc:
        raise Refusal(f"its settings are wrong. {exc}") from exc
    given = {name: value for name, value in found.items() if value is not None}
    if not isinstance(given.get("host", ""), str):
        raise Refusal(f"its settings are wrong. {settings}: host is no address.")
    for name in ("port", "page_port"):
        value = given.get(name, 1)
        if not isinstance(value, int) or not 1 <= value <= LAST_PORT:
            raise Refusal(f"its settings are wrong. {settings}: {name} is no port ({value!r}).")
    return Doors(**given)


def choose_free(doors: Doors, port: int | None, page_port: int | None) -> Doors:
    """For a further person: the next ports that nobody has, unless they are said."""
    taken = set(installed_ports())
    doors = replace(doors, port=port or _next_free(doors, NEXT_API_PORT, taken))
    taken.add(doors.port)
    return replace(doors, page_port=page_port or _next_free(doors, NEXT_PAGE_PORT, taken))


def check_free(doors: Doors, ports: Iterable[tuple[str, int]], instance: Instance) -> None:
    """Raises Refusal for the first port that another program has; each with its option."""
    for option, port in ports:
        if is_free(doors, port):
            continue
        words = " ".join(("./setup_jarvis_mode.sh", *instance.options, option, str(port + 10)))
        raise Refusal(
            f"another program has port {port}.",
            "If that is a Vega that you started with make serve, end it; its life can go on as a "
            "service.",
            f"Else choose another port: {'' if instance.is_users else 'sudo '}{words}",
        )


def is_free(doors: Doors, port: int) -> bool:
    host = doors.host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError:
        return False
    return True


def installed_ports() -> Iterator[int]:
    """Those of the lives of this machine, whether they run or not."""
    folder = Path("/etc/systemd/system")
    for path in folder.glob(f"{SERVICE}*.socket"):
        for found in re.findall(r"^ListenStream=.*:(\d+)$", path.read_text(), re.M):
            yield int(found)


def _next_free(doors: Doors, first: int, taken: set[int]) -> int:
    free = (port for port in range(first, LAST_PORT) if port not in taken and is_free(doors, port))
    return next(free)
