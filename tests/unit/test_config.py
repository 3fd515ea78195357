"""Settings as variables give them; the file is in tests/integration/core/test_config_file.py."""

from pathlib import Path
from zoneinfo import available_timezones

import pytest

from vega.config import is_loopback, load_settings
from vega.errors import ConfigError

#: A folder that is not there, so that no file is read.
HOME = {"VEGA_HOME": "/nowhere/at/all"}


def refused(**variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings({**HOME, **variables})
    return str(caught.value)


def test_a_variable_that_is_no_setting_is_named_with_the_nearest() -> None:
    message = refused(VEGA_PROT="1")

    assert "VEGA_PROT is no setting" in message
    assert "did you mean VEGA_PORT" in message


def test_where_no_setting_is_near_all_are_named() -> None:
    message = refused(VEGA_XYZZY="1")

    assert "VEGA_QUEUE_LIMIT" in message
    assert "VEGA_MODEL_URL" in message


@pytest.mark.parametrize("name", ["VEGA_port", "VEGA_", "VEGA_HOME_"])
def test_a_variable_is_spelled_exactly(name: str) -> None:
    assert f"{name} is no setting" in refused(**{name: "1"})


def test_other_programs_and_the_test_suites_variables_are_let_be() -> None:
    environ = {**HOME, "PATH": "/bin", "VEGAN": "yes", "VEGA_TEST_POSTGRES": "x"}

    assert load_settings(environ).port == 8000


def test_a_bad_variable_is_named_with_what_is_allowed() -> None:
    message = refused(VEGA_PORT="70000")

    assert message.startswith("The environment: VEGA_PORT: ")
    assert "less than or equal to 65535" in message
    assert "70000" in message


def test_settings_that_do_not_fit_together_are_refused() -> None:
    assert "must be below" in refused(VEGA_WARNING_THRESHOLD_PERCENT="95")
    assert "must differ" in refused(VEGA_PAGE_PORT="8000")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "vega.example"])
def test_no_key_and_a_host_that_others_reach_do_not_fit_together(host: str) -> None:
    assert "loopback" in refused(VEGA_REQUIRE_KEY="false", VEGA_HOST=host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.8.8"])
def test_no_key_on_loopback_is_allowed(host: str) -> None:
    assert not load_settings({**HOME, "VEGA_REQUIRE_KEY": "false", "VEGA_HOST": host}).require_key


def test_the_machines_values_of_the_founding_document_are_allowed() -> None:
    for warning, critical, entries in (("85", "95", "100"), ("70", "85", "30")):
        settings = load_settings(
            {
                **HOME,
                "VEGA_WARNING_THRESHOLD_PERCENT": warning,
                "VEGA_CRITICAL_THRESHOLD_PERCENT": critical,
                "VEGA_MAX_CONTEXT_ENTRIES": entries,
            }
        )
        assert settings.max_context_entries == int(entries)


def test_model_servers_are_listed_with_commas_or_are_none() -> None:
    two = load_settings({**HOME, "VEGA_MODEL_SERVERS": "http://a.test:1, http://b.test:2"})
    none = load_settings({**HOME, "VEGA_MODEL_SERVERS": "none"})

    assert two.model_servers == ("http://a.test:1", "http://b.test:2")
    assert none.model_servers == ()
    assert "must begin with http://" in refused(VEGA_MODEL_SERVERS="127.0.0.1:11434")
    assert "must begin with http://" in refused(VEGA_MODEL_HUB="huggingface.co")


def test_a_tilde_is_the_owners_folder() -> None:
    settings = load_settings({"VEGA_HOME": "~/no/such/vega", "VEGA_MODELS_DIR": "~/models"})

    assert settings.home == Path.home() / "no/such/vega"
    assert settings.models_folder == Path.home() / "models"


def test_a_zone_that_the_machine_names_wrongly_does_not_keep_vega_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Nowhere/Land")

    try:
        settings = load_settings(HOME)
    except ConfigError as error:
        assert "VEGA_TIMEZONE" in str(error)  # noqa: PT017
    else:
        assert settings.timezone in available_timezones()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
        ("nonsense", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("locale", "order"),
    [
        ({"LANG": "en_US.UTF-8"}, "month"),
        ({"LANG": "en_US.UTF-8", "LC_TIME": "en_GB.UTF-8"}, "day"),
        ({"LANG": "de_AT.UTF-8", "LC_TIME": "", "LC_ALL": "es_PR@euro"}, "month"),
        ({"LANG": "C.UTF-8"}, "day"),
        ({}, "day"),
    ],
)
def test_short_dates_are_read_as_the_machines_locale_writes_them(
    locale: dict[str, str], order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANG", "LC_TIME", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)

    assert load_settings(HOME).date_order == order
    assert load_settings({**HOME, "VEGA_DATE_ORDER": "day"}).date_order == "day"
