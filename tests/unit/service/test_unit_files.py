"""The texts of the units for each kind of life."""

from dataclasses import replace
from pathlib import Path

import pytest

from vega.service.doors import Doors
from vega.service.instance import Instance, system_instance, user_instance
from vega.service.unit_files import doors_of, meaning, unit_files

FOLDER = Path(__file__).parents[3] / "systemd"
OLD, NEW = 252, 254


def _texts(instance: Instance, doors: Doors | None = None, version: int = NEW) -> dict[str, str]:
    found = unit_files(FOLDER, instance, doors or Doors(), version)
    return {path.name: text for path, text in found.items()}


def _users() -> Instance:
    home = Path("/somewhere/ann")
    return replace(user_instance(), user="ann", home=home / ".vega", code=home / "my code")


def test_the_first_lifes_units_are_those_of_the_tree() -> None:
    texts = _texts(system_instance())

    for name in ("vega-server.service", "vega-server.socket"):
        assert texts[name] == (FOLDER / name).read_text()


def test_the_socket_says_the_doors_of_the_settings() -> None:
    doors = Doors("0.0.0.0", 8123, 8124)

    text = _texts(system_instance(), doors)["vega-server.socket"]

    listening = [line for line in meaning(text) if line.startswith("ListenStream=")]
    assert listening == ["ListenStream=0.0.0.0:8123", "ListenStream=0.0.0.0:8124"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "0.0.0.0"])
def test_what_is_written_into_a_socket_is_read_out_of_it(host: str, tmp_path: Path) -> None:
    doors = Doors(host, 8123, 8124)
    path = tmp_path / "vega-server.socket"
    path.write_text(_texts(system_instance(), doors)[path.name])

    found = doors_of(path, Doors())

    assert found.address(found.port) == doors.address(doors.port)
    assert found.page_port == 8124


def test_a_persons_units_name_nothing_of_the_first_lifes() -> None:
    texts = _texts(system_instance("ben"))

    lines = [line for text in texts.values() for line in meaning(text)]
    # Every name of the first life is followed by that of the person.
    for name in ("vega-server", "/var/lib/vega", "/opt/vega/current", "User=vega", "Group=vega"):
        named = [line for line in lines if name in line]
        assert named, name
        assert [line for line in named if f"{name}-ben" not in line] == []
    assert "StateDirectory=vega-ben" in lines
    assert set(texts) == {"vega-server-ben.service", "vega-server-ben.socket", "backoff.conf"}


def test_a_users_unit_asks_for_nothing_that_only_roots_systemd_can_do() -> None:
    texts = _texts(_users())
    lines = [line for text in texts.values() for line in meaning(text)]
    names = {line.partition("=")[0] for line in lines}

    assert names.isdisjoint({"User", "Group", "StateDirectory", "ProtectSystem", "PrivateTmp"})
    assert "WantedBy=default.target" in lines
    assert "Environment=VEGA_HOME=%h/.vega" in lines
    assert r"ExecStart=/somewhere/ann/my\x20code/current/.venv/bin/vega serve" in lines
    assert [line for line in lines if line.startswith("SystemCallFilter=")]
    assert [line for line in lines if "/var/lib" in line or "/opt/" in line] == []


def test_the_drop_in_is_for_a_systemd_that_knows_it() -> None:
    assert "backoff.conf" in _texts(system_instance(), version=NEW)
    assert "backoff.conf" not in _texts(system_instance(), version=OLD)


def test_another_comment_means_the_same() -> None:
    assert meaning("# a\n[Unit]\n\nA=1\n") == meaning("[Unit]\n# b\nA=1\n")
