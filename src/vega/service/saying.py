"""What the installer says to the person, and the two ways in which it gives up."""

import sys

from vega.errors import VegaError


class Refusal(VegaError):
    """It was refused before anything was changed: why, and in further lines what to do."""

    def __init__(self, reason: str, *advice: str) -> None:
        super().__init__("\n  ".join([f"Nothing was changed: {reason}", *advice]))


class StepFailed(VegaError):
    """A step did not work, and what is to be read about it."""


def say(text: str) -> None:
    """A line of progress, beside the output."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - it is the person whom it is for
