"""Whether and where the https door is to be open: kept in `vega.toml`, for the starts to come."""

from collections.abc import Iterable
from dataclasses import dataclass

from vega.config import SETTINGS_FILE, Settings, setting_places, variable
from vega.errors import SettingOverridden
from vega.settings_file import write_setting


@dataclass(frozen=True, slots=True)
class Wish:
    """A port, 0 for none, and by what further names this machine goes."""

    port: int
    hosts: tuple[str, ...]


def check_wish(settings: Settings, port: int, hosts: Iterable[str]) -> Wish:
    """The same as a wish, where it can be one.

    Raises SettingOverridden where a variable goes before `vega.toml`, ConfigError where that cannot
    be read.
    """
    wish = Wish(port, tuple(dict.fromkeys(host.lower() for host in hosts)))
    places = setting_places()
    given = [
        key
        for key, is_other in (
            ("https_port", port != settings.https_port),
            ("allowed_hosts", bool(port) and set(wish.hosts) > set(_lower(settings))),
        )
        if is_other and places.get(key) == variable(key)
    ]
    if given:
        raise SettingOverridden(
            f"{variable(given[0])} is set, which goes before {SETTINGS_FILE}; change it there, and "
            "restart Vega."
        )
    return wish


def write_wish(settings: Settings, wish: Wish) -> None:
    """Raises ConfigError where `vega.toml` cannot be written."""
    path = settings.home / SETTINGS_FILE
    if wish.port and set(wish.hosts) > set(_lower(settings)):
        write_setting(path, "allowed_hosts", list(wish.hosts))
    write_setting(path, "https_port", wish.port)


def _lower(settings: Settings) -> Iterable[str]:
    return (host.lower() for host in settings.allowed_hosts)
