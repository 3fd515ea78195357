"""What `vega doctor` asks a Vega that is another user's, or none."""

from pathlib import Path

import pytest

from vega.cli import server_checks, service
from vega.cli.client import Client
from vega.errors import VegaError


def test_the_vega_of_another_user_is_told_and_the_rest_is_still_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise VegaError("The Vega on /home/ben is another user's.")

    monkeypatch.setattr(Client, "request", refuse)

    status, found = server_checks.ask_status(Client(tmp_path, is_patient=False))

    assert status is None
    assert (found.state, "another user's" in found.text) == ("bad", True)


def test_of_a_service_that_is_not_installed_no_log_is_shown() -> None:
    with pytest.raises(VegaError, match=r"No vega-server-nobody-here is installed here"):
        service.logs(person="nobody-here")
