"""`vega config`: every setting in force, and where it comes from. It needs no running server."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vega.cli import screen
from vega.llm.base import without_credentials

if TYPE_CHECKING:
    from vega.config import Settings

DEFAULT = "default"
#: The column of values; longer ones push theirs aside.
VALUE_CHARS = 24
#: What stands in place of a secret.
HIDDEN = "(given, not shown)"


def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show every setting, and where it comes from: default, vega.toml or variable."""
    # Imported here: pydantic costs more than all other commands together.
    from vega.config import load_settings, setting_places

    rows = setting_rows(load_settings(), setting_places())
    if as_json:
        print(json.dumps(rows))
        return
    width = max(map(len, rows))
    for name, row in rows.items():
        line = f"{name:<{width}}  {_text(row['value']):<{VALUE_CHARS}}  {row['from']}"
        print(screen.dim(line) if row["from"] == DEFAULT else screen.printable(line))


def setting_rows(settings: "Settings", places: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """By setting: its value, and where it comes from."""
    return {
        name: {"value": _value(getattr(settings, name)), "from": places.get(name, DEFAULT)}
        for name in type(settings).model_fields
    }


def _value(value: Any) -> Any:
    """As JSON has it, without what nobody may read over the owner's shoulder."""
    if hasattr(value, "get_secret_value"):
        return HIDDEN
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    if isinstance(value, Path):
        return str(value)
    return without_credentials(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    match value:
        case None | "" | []:
            return "–"
        case bool():
            return str(value).lower()
        case list():
            return ", ".join(map(str, value))
        case float():
            return f"{value:g}"
        case _:
            return str(value)
