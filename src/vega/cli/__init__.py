"""The command line: one module per command, and the entry point.

Start-up is part of the product here, so a command imports what is heavy where it first needs it:
loading all commands costs typer and nothing else. All but `serve` and `config` speak to the
running server over its Unix socket.
"""

import sys


def main() -> None:
    """The entry point: errors of ours are one line for the reader, not a traceback."""
    try:
        if sys.argv[1:2] == ["serve"]:
            # Before anything else is loaded, since it is loaded again then.
            from vega import allocator

            allocator.use_the_systems()
        # Imported here: Ctrl-C ends a command without a traceback also while it loads.
        from vega.cli import screen
        from vega.cli.app import app
        from vega.errors import VegaError

        screen.prepare_streams()
        try:
            app(prog_name="vega")
        except (VegaError, OSError) as exc:
            screen.tell(f"vega: {exc}")
            sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
