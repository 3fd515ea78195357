"""Where a prompt comes from: this machine's name and time zone, told with each."""

import socket

from vega.cli.screen import safe

#: As many as a device's name may have.
MAX_CHARS = 100


def machine_name() -> str:
    return safe(socket.gethostname())[:MAX_CHARS]


def machine_zone() -> str | None:
    """The IANA zone; None, and Vega takes its own, where the machine does not say one."""
    # Imported here: a prompt on its way needs it, and nothing before.
    import tzlocal

    try:
        return tzlocal.get_localzone_name()
    except (LookupError, OSError, ValueError):
        return None
