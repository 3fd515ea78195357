"""What `vega serve` says at its start."""

from pathlib import Path

import pytest

from vega.cli.serve import banner, command
from vega.config import Settings


def test_a_password_in_an_address_is_not_printed() -> None:
    settings = Settings(home=Path("/srv/vega"), model_url="http://ana:secret@host:1/v1")

    said = banner(settings, "the key file", "http://localhost:8080", None)

    assert "http://…@host:1/v1" in said
    assert "secret" not in said


def test_a_command_that_is_not_on_the_path_is_named_by_its_place(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")

    assert command(".venv/bin/vega") == ".venv/bin/vega"
    assert command(str(tmp_path / ".venv/bin/vega")) == ".venv/bin/vega"
    assert command("/opt/vega/bin/vega") == "/opt/vega/bin/vega"
    assert command("/lib/vega/cli/__main__.py") == "vega"


def test_a_command_that_is_on_the_path_is_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "vega"
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert command("/opt/vega/bin/vega") == "vega"
