"""`vega open`: a one-time link that pairs a browser with this Vega."""

import io
import os
import shutil
import sys
from typing import Annotated
from urllib.parse import urlsplit

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.turns import local_time

#: Names by which only this machine is meant.
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
#: With one of these, there is a screen for a browser's window.
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")


def open_page(
    qr: Annotated[
        bool, typer.Option("--qr", help="Show the link as a QR code too, for a phone.")
    ] = False,
) -> None:
    """Open the page: a link that pairs one browser, within an hour."""
    made = Client().post("/api/pairing")
    url = str(made["url"])
    expires = local_time(made["expires_at"])
    is_local = urlsplit(url).hostname in LOCAL_HOSTS
    # Where https is on, a phone reaches that; here, plain HTTP to this machine is as safe.
    elsewhere = [str(link) for link in made.get("https_urls", ())]
    print(url, flush=True)
    if elsewhere:
        screen.tell(f"From another device: {elsewhere[0]}")
    if elsewhere[1:]:
        screen.tell(f"If it is not found:  {elsewhere[1]}")
    screen.tell(f"This link pairs one browser with Vega. It is good once, until {expires:%H:%M}.")
    if qr or (not is_local and screen.is_terminal(sys.stdout)):
        show_code(elsewhere[0] if elsewhere else url)
        if is_local and not elsewhere:
            screen.tell("It leads to this machine only; for a phone, open https: vega tls on")
    if _has_display():
        # Imported here: other commands need none of it.
        import webbrowser

        if not webbrowser.open(url):
            screen.tell("No browser could be started; open the link yourself.")


def show_code(url: str) -> None:
    """The link as a QR code, where the terminal can show one."""
    # Imported here: only a phone needs it.
    import segno

    picture = io.StringIO()
    segno.make(url, micro=False).terminal(out=picture, border=2, compact=True)
    lines = picture.getvalue().splitlines()
    columns = shutil.get_terminal_size().columns
    if not (sys.stdout.encoding or "").lower().startswith("utf"):
        screen.tell("The QR code cannot be shown: this terminal does not take UTF-8.")
    elif screen.is_terminal(sys.stdout) and columns < len(lines[0]):
        screen.tell(f"The QR code cannot be shown: it needs {len(lines[0])} columns.")
    else:
        # Its light parts are drawn, so it must stand on black.
        is_coloured = screen.can_redraw(sys.stdout)
        print("\n".join(f"\x1b[97;40m{line}\x1b[0m" if is_coloured else line for line in lines))


def _has_display() -> bool:
    return sys.platform == "darwin" or any(os.environ.get(name) for name in DISPLAYS)
