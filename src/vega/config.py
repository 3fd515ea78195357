"""The settings: one class, one field per setting, from `vega.toml` and `VEGA_*` variables.

A variable overrides the file; an empty one counts as not given. An unknown key or a bad value is
a ConfigError that names where it stands, the key, and what is allowed.
"""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

import tzlocal
from pydantic import (
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from vega.errors import ConfigError

SETTINGS_FILE = "vega.toml"
PREFIX = "VEGA_"
#: Variables with this beginning belong to the test suite and are no settings.
TEST_PREFIX = "VEGA_TEST_"

#: Where the month is written before the day, in short dates (CLDR): the United States, and those
#: who write as they do.
MONTH_FIRST = {"US", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "UM", "VI"}

Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[float, Field(gt=0, le=100)]
PositiveInt = Annotated[int, Field(ge=1)]


def _machine_zone() -> str:
    return tzlocal.get_localzone_name() or "UTC"


def _machine_date_order() -> Literal["day", "month"]:
    """By the locale's territory, as POSIX names it: en_US.UTF-8."""
    name = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_TIME", "LANG"))), "")
    territory = name.partition(".")[0].partition("@")[0].partition("_")[2]
    return "month" if territory in MONTH_FIRST else "day"


class Settings(BaseModel):
    """What the owner may choose."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, protected_namespaces=()
    )

    home: Path = Field(
        default=Path("~/.vega"),
        description="The folder that holds everything: settings, life, models, backups, key. "
        "Only as a variable, since vega.toml lies in it.",
    )
    api_key: SecretStr | None = Field(
        default=None, description="The owner's key, in place of the one in the key file."
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: Port = Field(default=8000, description="The port of the API.")
    page_port: Port = Field(default=8080, description="The port of the page.")
    https_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        default=0, description="The port of both over HTTPS; 0: none. `vega tls on` sets it."
    )
    https_host: str = Field(
        default="",
        description="The address to listen on for HTTPS; empty: every address of this machine.",
    )
    tls_certificate: Path | None = Field(
        default=None,
        description="Your own certificate with its chain, as a PEM file; without: one of Vega's "
        "own authority.",
    )
    tls_key: Path | None = Field(default=None, description="The key of that certificate.")
    allowed_hosts: tuple[str, ...] = Field(
        default=(),
        description="Further names by which browsers and programs may call this Vega, "
        "as in the Host header, without port; separated by commas in the variable.",
    )
    require_key: bool = Field(
        default=True, description="Whether requests on this machine need a key."
    )
    timezone: str = Field(
        default_factory=_machine_zone,
        description="The owner's IANA time zone; the machine's where it is not given.",
    )
    date_order: Literal["day", "month"] = Field(
        default_factory=_machine_date_order,
        description="Whether in 3/4 the day or the month comes first; by the machine's locale "
        "where it is not given.",
    )
    queue_limit: PositiveInt = Field(
        default=100, description="How many prompts may wait for their answers."
    )
    models_dir: Path | None = Field(
        default=None,
        description="The folder of model files, which several lives may share; "
        "`models` in the home folder where it is not given.",
    )
    model: str = Field(
        default="",
        description="The model to use: a name that `vega model list` shows, or the path of a GGUF "
        "file; empty: the best that is there.",
    )
    model_fallback: bool = Field(
        default=True, description="Whether another model may answer while the chosen one is away."
    )
    model_servers: tuple[str, ...] = Field(
        default=("http://127.0.0.1:11434", "http://127.0.0.1:1234", "http://127.0.0.1:8081"),
        description="Where to look for model servers (Ollama, LM Studio, llama.cpp); separated by "
        "commas in the variable, `none` for nowhere.",
    )
    model_hub: str = Field(
        default="https://huggingface.co", description="Where models are downloaded from."
    )
    model_url: str = Field(
        default="",
        description="The address of an OpenAI-format model server, as "
        "http://127.0.0.1:11434/v1; empty: the models on this machine.",
    )
    model_name: str = Field(
        default="", description="The model to ask that server for; empty: its first one."
    )
    model_key: SecretStr | None = Field(default=None, description="That server's key.")
    model_context_tokens: Annotated[int, Field(ge=512)] | None = Field(
        default=None,
        description="The model's window in tokens; asked from the server where it is not given.",
    )
    model_is_able: bool | None = Field(
        default=None,
        description="Whether the model may be trusted with memory; the catalogue's word where it "
        "is not given, true for a model that the catalogue does not know.",
    )
    embedding: Literal["built-in", "off"] = Field(
        default="built-in",
        description="Whether messages are also found by what they mean, with the embedding model "
        "that comes with Vega; off: by words and time alone.",
    )
    warning_threshold_percent: Percent = Field(
        default=80.0, description="Memory in use from which cleanups are gentle."
    )
    critical_threshold_percent: Percent = Field(
        default=90.0, description="Memory in use from which cleanups are aggressive."
    )
    max_context_entries: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=50, description="How many of the most recent turns are always kept in full."
    )
    check_interval_seconds: Annotated[float, Field(ge=1, le=3600)] = Field(
        default=30.0, description="How often memory is looked at."
    )
    nightly_at: str = Field(
        default="03:30",
        description="When the nightly work begins, by the owner's clock: cleanup, digests, backup, "
        "verification.",
    )
    backup_folder: Path | None = Field(
        default=None,
        description="A folder on another disk, which is there already, where each backup is copied "
        "to, too.",
    )
    compression_trigger: PositiveInt = Field(
        default=100,
        description="How many turns beyond max_context_entries may stand uncompressed.",
    )

    @field_validator("home", "models_dir", "backup_folder", "tls_certificate", "tls_key")
    @classmethod
    def _expand_home(cls, path: Path | None) -> Path | None:
        return path.expanduser().absolute() if path else None

    @field_validator("model_servers", mode="before")
    @classmethod
    def _split_addresses(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(address.strip() for address in value.split(",") if address.strip())
        return () if value in (("none",), ["none"]) else value

    @field_validator("model_servers")
    @classmethod
    def _know_servers(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            _check_address(address)
        return addresses

    @field_validator("model_hub")
    @classmethod
    def _know_hub(cls, address: str) -> str:
        _check_address(address)
        return address

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split_names(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(name.strip() for name in value.split(",") if name.strip())
        return value

    @field_validator("nightly_at")
    @classmethod
    def _know_time(cls, text: str) -> str:
        if not re.fullmatch(r"([01]?\d|2[0-3]):[0-5]\d", text):
            raise ValueError("not a time of the day, such as 03:30")
        return text

    @field_validator("timezone")
    @classmethod
    def _know_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("not an IANA time zone, such as Europe/Vienna or UTC")
        return name

    @field_validator("model_url")
    @classmethod
    def _know_scheme(cls, url: str) -> str:
        if not url or url.startswith("scripted:"):
            return url
        _check_address(url)
        return url

    @field_validator("api_key")
    @classmethod
    def _can_be_sent(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and not key.get_secret_value().strip():
            raise ValueError("is blank; no header could carry it")
        return key

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.warning_threshold_percent >= self.critical_threshold_percent:
            raise ValueError(
                "warning_threshold_percent must be below critical_threshold_percent "
                f"({self.warning_threshold_percent} and {self.critical_threshold_percent} given)"
            )
        if self.port == self.page_port:
            raise ValueError(f"port and page_port must differ ({self.port} given for both)")
        if self.https_port in (self.port, self.page_port):
            raise ValueError(f"https_port must differ from the other ports ({self.https_port})")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together; only one is given")
        if not self.require_key and self.https_port and not is_loopback(self.https_host):
            raise ValueError(
                "require_key is false, so https_host must be a loopback address: "
                "a Vega that others can reach needs its key"
            )
        if not self.require_key and not is_loopback(self.host):
            raise ValueError(
                f"require_key is false, so host must be a loopback address ({self.host} given): "
                "a Vega that others can reach needs its key"
            )
        return self

    @property
    def models_folder(self) -> Path:
        return self.models_dir or self.home / "models"


def _check_address(address: str) -> None:
    if not address.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    AnyHttpUrl(address)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: variables, then `vega.toml` in the home folder, then defaults.

    Raises ConfigError.
    """
    variables, path, written = _given(environ)
    try:
        return Settings(**{**written, **variables})
    except ValidationError as exc:
        raise ConfigError(_explain(exc, path, variables)) from exc


def setting_places(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """By setting, where it is given: its variable, or the file. The others have their default.

    Raises ConfigError.
    """
    variables, path, written = _given(environ)
    places = dict.fromkeys(written, str(path))
    return places | {key: variable(key) for key in variables}


def _given(
    environ: Mapping[str, str] | None,
) -> tuple[dict[str, Any], Path, dict[str, Any]]:
    """The variables, and the settings file with what stands in it."""
    variables = _variables(os.environ if environ is None else environ)
    home = Path(variables.get("home") or Settings.model_fields["home"].default).expanduser()
    path = home / SETTINGS_FILE
    return variables, path, _written(path)


def _variables(environ: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name.startswith(TEST_PREFIX):
            continue
        key = name.removeprefix(PREFIX).lower()
        if key not in Settings.model_fields or name != variable(key):
            raise ConfigError(f"The environment: {name} is no setting{_nearest(key, variable)}")
        if value:
            found[key] = value
    return found


def _written(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}.") from exc
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise ConfigError(f"{path} is not valid TOML: {exc}.") from exc
    for key in found:
        if key == "home":
            raise ConfigError(f"{path}: home can only be given as the variable VEGA_HOME.")
        if key not in Settings.model_fields:
            raise ConfigError(f"{path}: {key} is no setting{_nearest(key, str)}")
    return found


def variable(key: str) -> str:
    """The name of a setting's environment variable."""
    return PREFIX + key.upper()


def _nearest(key: str, spell: Any) -> str:
    names = list(Settings.model_fields)
    near = difflib.get_close_matches(key, names, n=1)
    if near:
        return f"; did you mean {spell(near[0])}?"
    return f"; the settings are {', '.join(spell(name) for name in names)}."


def _explain(exc: ValidationError, path: Path, variables: Mapping[str, Any]) -> str:
    lines = []
    for error in exc.errors(include_url=False, include_context=False):
        message = error["msg"].removeprefix("Value error, ")
        if not error["loc"]:
            lines.append(f"The settings do not fit together: {message}.")
            continue
        key = str(error["loc"][0])
        place = f"The environment: {variable(key)}" if key in variables else f"{path}: {key}"
        # A bad key must not be printed.
        shown = "" if "key" in key else f" (given: {error['input']!r})"
        lines.append(f"{place}: {message}{shown}.")
    return "\n".join(lines)
