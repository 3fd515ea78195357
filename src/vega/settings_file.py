"""Writes a setting into `vega.toml`, and leaves everything else in it as its owner wrote it.

Reading the settings is `vega.config`'s.
"""

import os
import stat
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vega.errors import ConfigError
from vega.syncing import write_whole

NEW_FILE_MODE = 0o600


def write_setting(path: Path, key: str, value: str | int | list[str]) -> None:
    """Sets the key, or takes it out where the value is empty; the file appears whole or not at all.

    Raises ConfigError where the file is not Vega's to write: a link, or not writable.
    """
    if path.is_symlink():
        raise ConfigError(
            f"{path} is a link, which Vega does not write through; "
            f"set {key} in {path.resolve()} yourself."
        )
    try:
        text, mode = path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        text, mode = "", NEW_FILE_MODE
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}.") from exc
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as exc:
        raise ConfigError(f"{path} is not valid TOML: {exc}.") from exc
    if value:
        document[key] = value
    else:
        document.pop(key, None)
    _replace(path, tomlkit.dumps(document), mode)


def _replace(path: Path, text: str, mode: int) -> None:
    try:
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError("it is not writable")
        write_whole(path, text.encode(), mode)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror or exc}.") from exc
