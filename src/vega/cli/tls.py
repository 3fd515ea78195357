"""`vega tls …`: https for phones and other machines, with a small authority of this machine."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from vega.cli import screen, trust_steps
from vega.cli.client import Client, NotRunning
from vega.cli.open import show_code
from vega.errors import VegaError

app = typer.Typer(
    help="Https for phones and other machines: on, off, how it stands, and how to trust it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

DEFAULT_PORT = 8443
#: Names of this machine in a row; a pipe gets them all.
SHOWN_NAMES = 12

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


class HttpsIsOff(VegaError):
    """Https is off; `vega tls on` opens it."""


@app.command()
def on(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port.")] = DEFAULT_PORT,
    name: Annotated[
        list[str] | None,
        typer.Option("--name", help="A further name or address of this machine; may be repeated."),
    ] = None,
    new_authority: Annotated[
        bool,
        typer.Option("--new-authority", help="Make another one, which all devices must trust."),
    ] = False,
) -> None:
    """Open the page and the API over https, now and at every start, to the whole network."""
    asked = {"port": port, "names": name or [], "new_authority": new_authority}
    try:
        found = Client().post("/api/tls", asked)
    except NotRunning:
        found = _here(asked)
        screen.tell("Vega is not running; the door opens when it starts.")
    _print_state(found)
    print(
        "Whoever is in your network can knock there. Without the key or a paired browser nobody"
        " gets in.\nThe other ports stay as they were."
    )
    if found["authority"] and not found["certificate"]["is_own"]:
        print("Next, on each device: vega tls trust; then pair it: vega open --qr")


@app.command()
def off() -> None:
    """Close the https door, now and at every start. What devices trust stays good."""
    try:
        Client().delete("/api/tls")
    except NotRunning:
        _here(None)
    print("Https is off. The certificates stay, for the next `vega tls on`.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show whether the https door is open, its addresses, and until when the certificates hold."""
    found = _ask()
    if as_json:
        print(json.dumps(found))
        return
    _print_state(found)
    if found["problem"]:
        raise typer.Exit(1)


@app.command()
def trust(
    device: Annotated[
        str, typer.Argument(help=f"One of {', '.join(trust_steps.STEPS)}; all, if left out.")
    ] = "",
    qr: Annotated[bool, typer.Option("--qr", help="Show the link as a QR code too.")] = False,
) -> None:
    """How a phone or a computer is told to trust this Vega's https: once, in two minutes."""
    if device and device not in trust_steps.STEPS:
        raise typer.BadParameter(f"{device} is none of {', '.join(trust_steps.STEPS)}")
    found = _ask()
    if not found["port"]:
        raise HttpsIsOff
    if found["certificate"] and found["certificate"]["is_own"]:
        print("Your own certificate is served; whoever trusts its issuer trusts it.")
        return
    made, link = found["authority"], found["ca_url"]
    if not made or not link:
        raise VegaError(found["problem"] or "Vega is not running; start it, and ask again.")
    print(f"The certificate to trust: {link}\nas a file here: {made['path']}")
    if qr:
        show_code(link)
    print(f"Its SHA-256 fingerprint, to compare on the device:\n  {made['sha256']}")
    print("It vouches for this machine's names and for private addresses, and for nothing else.\n")
    for each in [device] if device else trust_steps.STEPS:
        print(f"{screen.bold(trust_steps.TITLES[each])}\n{trust_steps.STEPS[each]}\n")
    print("Then pair it: vega open --qr")


def _ask() -> dict[str, Any]:
    try:
        found: dict[str, Any] = Client(is_patient=False).get("/api/tls")
    except NotRunning:
        # Imported here: they cost more than all other commands together.
        from vega.api.https_door import HttpsDoor
        from vega.api.tls import shape
        from vega.config import load_settings
        from vega.core.clock import SystemClock

        door = HttpsDoor(load_settings(), SystemClock("UTC"))
        door.certificates.peek()
        found = shape(door)
    return found


def _here(asked: Mapping[str, Any] | None) -> dict[str, Any]:
    """Does it without a Vega that runs; opens nothing, but looks whether it can be opened."""
    from vega.api.https_door import HttpsDoor
    from vega.api.tls import shape
    from vega.config import load_settings
    from vega.core.clock import SystemClock

    door = HttpsDoor(load_settings(), SystemClock("UTC"))
    if asked is None:
        door.plan_off()
    else:
        door.plan_on(asked["port"], asked["names"], is_anew=asked["new_authority"])
    return shape(door)


def _print_state(found: Mapping[str, Any]) -> None:
    served, made = found["certificate"], found["authority"]
    if found["open"]:
        print(f"Https is on: {found['url']}")
        for url in found["urls"][1:SHOWN_NAMES]:
            print(f"             {url}")
    else:
        print(f"Https is to be at port {found['port']}." if found["port"] else "Https is off.")
    if served:
        kind = "your own, by" if served["is_own"] else "by"
        print(f"Certificate  {kind} {screen.printable(served['issuer'])}, {_until(served)}")
    if made and not (served and served["is_own"]):
        print(f"Authority    {made['path']}, {_until(made)}\n             {made['sha256']}")
    if found["left_out"]:
        names = ", ".join(found["left_out"][:SHOWN_NAMES])
        screen.tell(
            f"The authority was made without {names}; `vega tls on --new-authority` makes another "
            "one, which your devices must be told to trust."
        )
    if found["problem"]:
        screen.tell(found["problem"])


def _until(certificate: Mapping[str, Any]) -> str:
    return f"good until {datetime.fromisoformat(certificate['not_after']):%Y-%m-%d}"
