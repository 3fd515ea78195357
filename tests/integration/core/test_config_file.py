"""Settings as `vega.toml` and variables give them."""

from pathlib import Path

import pytest

from vega.config import Settings, load_settings
from vega.errors import ConfigError

#: Every setting that a file may hold: as TOML, as a variable, as it is read.
SETTINGS: list[tuple[str, str, str, object]] = [
    ("api_key", '"k3y"', "k3y", "k3y"),
    ("host", '"::1"', "::1", "::1"),
    ("port", "9000", "9000", 9000),
    ("page_port", "9001", "9001", 9001),
    ("allowed_hosts", '["a.test", "b.test"]', "a.test, b.test", ("a.test", "b.test")),
    ("require_key", "false", "false", False),
    ("timezone", '"Europe/Vienna"', "Europe/Vienna", "Europe/Vienna"),
    ("queue_limit", "7", "7", 7),
    ("models_dir", '"/srv/models"', "/srv/models", Path("/srv/models")),
    ("model", '"qwen3-4b-instruct"', "qwen3-4b-instruct", "qwen3-4b-instruct"),
    ("model_fallback", "false", "false", False),
    ("model_servers", '["http://a.test:1"]', "http://a.test:1", ("http://a.test:1",)),
    ("model_hub", '"http://127.0.0.1:1"', "http://127.0.0.1:1", "http://127.0.0.1:1"),
    ("model_url", '"http://127.0.0.1:1/v1"', "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1"),
    ("model_name", '"small"', "small", "small"),
    ("model_key", '"s3cret"', "s3cret", "s3cret"),
    ("model_context_tokens", "4096", "4096", 4096),
    ("model_is_able", "false", "false", False),
    ("warning_threshold_percent", "70.5", "70.5", 70.5),
    ("critical_threshold_percent", "85", "85", 85.0),
    ("max_context_entries", "30", "30", 30),
    ("check_interval_seconds", "5", "5", 5.0),
    ("compression_trigger", "10", "10", 10),
    ("nightly_at", '"4:15"', "4:15", "4:15"),
    ("date_order", '"month"', "month", "month"),
    ("embedding", '"off"', "off", "off"),
    ("backup_folder", '"/mnt/disk"', "/mnt/disk", Path("/mnt/disk")),
    ("https_host", '"127.0.0.1"', "127.0.0.1", "127.0.0.1"),
    ("https_port", "8443", "8443", 8443),
]  # fmt: skip


def load(home: Path, toml: str = "", **variables: str) -> Settings:
    if toml:
        (home / "vega.toml").write_text(toml, encoding="utf-8")
    return load_settings({"VEGA_HOME": str(home), **variables})


def plain(value: object) -> object:
    return value.get_secret_value() if hasattr(value, "get_secret_value") else value


def test_the_table_has_every_setting() -> None:
    alone = set(Settings.model_fields) - {"home", "tls_certificate", "tls_key"}
    assert {name for name, *_ in SETTINGS} == alone


def test_a_certificate_and_its_key_are_read_together(tmp_path: Path) -> None:
    settings = load(tmp_path, 'tls_certificate = "/srv/own.pem"\ntls_key = "/srv/own.key"')

    assert settings.tls_certificate == Path("/srv/own.pem")
    assert settings.tls_key == Path("/srv/own.key")


@pytest.mark.parametrize(("name", "toml", "_", "value"), SETTINGS)
def test_a_setting_is_read_from_the_file(
    tmp_path: Path, name: str, toml: str, _: str, value: object
) -> None:
    assert plain(getattr(load(tmp_path, f"{name} = {toml}"), name)) == value


@pytest.mark.parametrize(("name", "_", "variable", "value"), SETTINGS)
def test_a_setting_is_read_from_its_variable(
    tmp_path: Path, name: str, _: str, variable: str, value: object
) -> None:
    settings = load(tmp_path, **{f"VEGA_{name.upper()}": variable})

    assert plain(getattr(settings, name)) == value


def test_a_variable_overrides_the_file_and_an_empty_one_does_not(tmp_path: Path) -> None:
    toml = "queue_limit = 5\nmax_context_entries = 6"

    settings = load(tmp_path, toml, VEGA_QUEUE_LIMIT="7", VEGA_MAX_CONTEXT_ENTRIES="")

    assert (settings.queue_limit, settings.max_context_entries) == (7, 6)


def test_a_key_that_is_no_setting_is_named_with_its_file_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "queu_limit = 5")

    message = str(caught.value)
    assert str(tmp_path / "vega.toml") in message
    assert "queu_limit" in message
    assert "did you mean queue_limit" in message


def test_a_section_is_no_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"server is no setting"):
        load(tmp_path, "[server]\nport = 1")


@pytest.mark.parametrize(
    ("toml", "allowed"),
    [
        ('port = "many"', "integer"),
        ("port = 0", "greater than or equal to 1"),
        ("port = 65536", "less than or equal to 65535"),
        ("queue_limit = 0", "greater than or equal to 1"),
        ("check_interval_seconds = 0", "greater than or equal to 1"),
        ('require_key = "maybe"', "boolean"),
        ("host = 5", "string"),
        ('timezone = "Middle/Earth"', "IANA time zone"),
        ('model_url = "ftp://host"', "must begin with http"),
        ("model_context_tokens = 100", "greater than or equal to 512"),
        ("warning_threshold_percent = 101", "less than or equal to 100"),
    ],
)
def test_a_bad_value_is_named_with_its_file_key_and_what_is_allowed(
    tmp_path: Path, toml: str, allowed: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, toml)

    message = str(caught.value)
    assert f"{tmp_path / 'vega.toml'}: {toml.split(' ')[0]}" in message
    assert allowed in message


def test_every_bad_value_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, 'port = "x"\nqueue_limit = 0', VEGA_MAX_CONTEXT_ENTRIES="none")

    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert any(line.startswith("The environment: VEGA_MAX_CONTEXT_ENTRIES") for line in lines)


@pytest.mark.parametrize("name", ["api_key", "model_key"])
def test_a_bad_secret_is_not_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"{name} = [4711]")

    assert name in str(caught.value)
    assert "4711" not in str(caught.value)


def test_secrets_are_not_shown_by_the_settings_themselves(tmp_path: Path) -> None:
    settings = load(tmp_path, VEGA_API_KEY="k3y-4711", VEGA_MODEL_KEY="s3cret-4711")

    assert "4711" not in repr(settings)
    assert "4711" not in str(settings)
    assert "4711" not in settings.model_dump_json()


def test_the_home_cannot_be_moved_from_within(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VEGA_HOME"):
        load(tmp_path, 'home = "/elsewhere"')


@pytest.mark.parametrize("content", [b"port = ", b"port = 1\nport = 2", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vega.toml").write_bytes(content)

    with pytest.raises(ConfigError, match=r"vega\.toml (is not valid TOML|cannot be read)"):
        load(tmp_path)


def test_no_file_and_no_variables_are_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path)

    assert (settings.host, settings.port, settings.page_port) == ("127.0.0.1", 8000, 8080)
    assert settings.require_key
    assert settings.models_folder == tmp_path / "models"
    assert (settings.warning_threshold_percent, settings.critical_threshold_percent) == (80, 90)
    assert (settings.max_context_entries, settings.compression_trigger) == (50, 100)
    assert settings.check_interval_seconds == 30
