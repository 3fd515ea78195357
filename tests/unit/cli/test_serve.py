"""What `vega serve` says at its start."""

from pathlib import Path

from vega.cli.serve import banner
from vega.config import Settings


def test_a_password_in_an_address_is_not_printed() -> None:
    settings = Settings(home=Path("/srv/vega"), model_url="http://ana:secret@host:1/v1")

    said = banner(settings, "the key file", "http://localhost:8080", None)

    assert "http://…@host:1/v1" in said
    assert "secret" not in said
