"""The link that pairs a browser."""

import pytest

from vega.api.devices import pairing_link
from vega.config import load_settings


@pytest.mark.parametrize(
    ("variables", "start"),
    [
        ({}, "http://localhost:8080"),
        ({"VEGA_HOST": "::1", "VEGA_PAGE_PORT": "9000"}, "http://localhost:9000"),
        ({"VEGA_HOST": "localhost"}, "http://localhost:8080"),
        ({"VEGA_ALLOWED_HOSTS": "nas"}, "http://localhost:8080"),
        ({"VEGA_HOST": "127.0.0.2"}, "http://127.0.0.2:8080"),
        ({"VEGA_HOST": "192.168.1.5", "VEGA_ALLOWED_HOSTS": "nas"}, "http://192.168.1.5:8080"),
        ({"VEGA_HOST": "fd00::5"}, "http://[fd00::5]:8080"),
        ({"VEGA_HOST": "0.0.0.0"}, "http://localhost:8080"),
        ({"VEGA_HOST": "0.0.0.0", "VEGA_ALLOWED_HOSTS": "nas,other"}, "http://nas:8080"),
        ({"VEGA_HOST": "::", "VEGA_ALLOWED_HOSTS": "nas"}, "http://nas:8080"),
    ],
)
def test_it_leads_to_the_page_by_a_name_that_vega_goes_by(
    variables: dict[str, str], start: str
) -> None:
    settings = load_settings({"VEGA_HOME": "/nowhere/at/all", **variables})

    assert pairing_link(settings, "c0-de_") == f"{start}/pair#c0-de_"
