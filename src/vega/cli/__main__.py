"""`python -m vega.cli` is `vega`."""

from vega.cli import main

main()
