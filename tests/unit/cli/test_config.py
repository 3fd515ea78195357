"""`vega config`: values as they are shown."""

from vega.cli.config import HIDDEN, setting_rows
from vega.config import load_settings, setting_places

VARIABLES = {
    "VEGA_HOME": "/nowhere",
    "VEGA_API_KEY": "a-secret",
    "VEGA_MODEL_URL": "http://ann:hush@models.example/v1",
    "VEGA_PORT": "8123",
}


def test_each_value_is_shown_with_where_it_comes_from() -> None:
    rows = setting_rows(load_settings(VARIABLES), setting_places(VARIABLES))

    assert rows["port"] == {"value": 8123, "from": "VEGA_PORT"}
    assert rows["page_port"] == {"value": 8080, "from": "default"}
    assert rows["home"] == {"value": "/nowhere", "from": "VEGA_HOME"}


def test_no_secret_is_shown() -> None:
    rows = setting_rows(load_settings(VARIABLES), setting_places(VARIABLES))

    assert rows["api_key"] == {"value": HIDDEN, "from": "VEGA_API_KEY"}
    assert rows["model_url"]["value"] == "http://…@models.example/v1"
    assert rows["model_key"]["value"] is None
