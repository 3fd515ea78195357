"""What `vega doctor` asks the running server, and who has its ports where none runs."""

import http.client
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vega.cli.client import Client, ConnectionLost, NotRunning, Refused
from vega.cli.finding import Finding
from vega.cli.holder import find_holder
from vega.errors import VegaError
from vega.unix_socket import socket_path

if TYPE_CHECKING:
    from vega.config import Settings

ANSWER_SECONDS = 5.0
#: Addresses to listen on, and where to knock for them.
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


def ask_status(client: Client) -> tuple[Mapping[str, Any] | None, Finding]:
    """The server's status over the Unix socket, and whether it answers there."""
    path = socket_path(client.home)
    start = "Start it: `vega serve`, or as a service `systemctl start vega-server`."
    try:
        status = client.request("GET", "/api/status", timeout_seconds=ANSWER_SECONDS)
    except NotRunning:
        holder = find_holder(client.home)
        if holder is not None:
            text = f"Process {holder} holds the home folder and does not answer at {path}."
            return None, Finding("Server", "bad", text, "It may be starting; else its log says.")
        ended = ", and was not ended cleanly" if path.is_socket() else ""
        return None, Finding("Server", "bad", f"Vega is not running{ended}.", start)
    except (ConnectionLost, Refused) as exc:
        return None, Finding("Server", "bad", f"At {path}: {exc}", "Its log says more.")
    except VegaError as exc:
        hint = "Ask as the user that it runs as."
        return None, Finding("Server", "bad", str(exc), hint)
    text = f"Vega {status['version']} answers at {path}"
    return status, Finding("Server", "ok", text)


def check_status(client: Client, status: Mapping[str, Any]) -> Iterator[Finding]:
    """The model, what needs attention, the indexes, the last backup that was tried."""
    model = status["model"]
    if model["reachable"]:
        yield Finding("Model", "ok", f"{model['name']} ({model['place']})")
    else:
        hint = "Prompts are kept, and answered when it is back."
        yield Finding("Model", "bad", str(model["reason"]), hint)
    words = client.get("/api/index")["words"]
    for sentence in status["attention"]:
        # That goes on without its owner.
        if not str(sentence).startswith("The word index is being rebuilt"):
            yield Finding("Attention", "bad", str(sentence))
    if words["notice"]:
        yield Finding("Index", "note", words["notice"])
    else:
        yield Finding("Index", "ok", f"Every word of {words['total']:,} turns can be searched.")


def check_port(settings: "Settings", name: str, *, is_running: bool) -> Finding:
    """One of the two ports: Vega's while it runs, else nobody's."""
    port: int = getattr(settings, name)
    title = "API port" if name == "port" else "Page port"
    answer = _knock(_EVERYWHERE.get(settings.host, settings.host), port)
    if answer == "vega":
        if is_running:
            return Finding(title, "ok", f"{port} answers")
        hint = f"Stop it, or choose another port: VEGA_{name.upper()}."
        return Finding(title, "bad", f"Another Vega has port {port}{_who(port)}.", hint)
    if answer == "nobody":
        if not is_running:
            return Finding(title, "ok", f"{port} is free")
        hint = "Vega was started with other settings than these, or by another user."
        return Finding(title, "bad", f"Nobody answers at {settings.host}:{port}.", hint)
    hint = f"Stop it, or choose another port: VEGA_{name.upper()}."
    return Finding(title, "bad", f"Another program has port {port}{_who(port)}.", hint)


def check_exposure(settings: "Settings") -> Finding:
    """From where it can be reached: by the sockets that it has, else by the settings."""
    from vega.config import is_loopback

    open_to = _listening(find_holder(settings.home))
    if open_to is None:
        open_to = {(settings.host, settings.port), (settings.host, settings.page_port)}
        if settings.https_port:
            open_to.add((settings.https_host or "::", settings.https_port))
    beyond = {(host, port) for host, port in open_to if not is_loopback(host)}
    plain = sorted(place for place in beyond if place[1] != settings.https_port)
    if plain:
        places = ", ".join(
            f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in plain
        )
        hint = '`vega tls on` opens a port with encryption; then set host = "127.0.0.1".'
        return Finding("Exposure", "note", f"Others can read along: plain HTTP at {places}.", hint)
    if not settings.require_key:
        hint = "Set require_key = true, unless you are the only user of this machine."
        return Finding("Exposure", "note", "Whoever is on this machine needs no key.", hint)
    if beyond:
        return Finding("Exposure", "ok", "beyond this machine by HTTPS alone, with a key")
    return Finding("Exposure", "ok", "this machine alone, with a key")


def _listening(pid: int | None) -> set[tuple[str, int]] | None:
    """The addresses at which that process listens; None where that cannot be seen."""
    import psutil

    try:
        found = psutil.Process(pid).net_connections("tcp") if pid else []
    except (psutil.Error, OSError):
        return None
    listening = {each.laddr[:2] for each in found if each.status == psutil.CONN_LISTEN}
    return listening or None


def _knock(host: str, port: int) -> str:
    """Who is there: `vega`, `nobody`, or `other`."""
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        response = connection.getresponse()
        is_vega = json.loads(response.read(1000)) == {"status": "ok"}
    except (ConnectionRefusedError, OSError) as exc:
        return "nobody" if isinstance(exc, ConnectionRefusedError) else "other"
    except (http.client.HTTPException, ValueError):
        return "other"
    finally:
        connection.close()
    return "vega" if is_vega else "other"


def _who(port: int) -> str:
    """The process that listens there, as far as this user may know."""
    import psutil

    try:
        pids = [
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
        ]
        return "".join(f" ({psutil.Process(pid).name()}, pid {pid})" for pid in pids if pid)
    except psutil.Error:
        return ""
