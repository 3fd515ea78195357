"""Who is let in: the rules, without a life behind them."""

import pytest

from tests.unit.api.rules import KEY, access, ask, status

METRICS = ("/metrics", "/metrics/prometheus")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "secret"},
        {"Authorization": "Bearer secret"},
        {"Authorization": "bearer  secret"},
        {"X-API-Key": "secret", "Authorization": "Bearer other"},
        {"X-API-Key": "secret", "Authorization": "Basic bm86cGU="},
        {"X-API-Key": "", "Authorization": "Bearer secret"},
    ],
)
def test_a_key_is_accepted_in_either_header(headers: dict[str, str]) -> None:
    assert ask(access(), headers) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "wrong"},
        {"X-API-Key": "your-key"},
        {"X-API-Key": "secret2"},
        {"Authorization": "Bearer wrong"},
        {"X-API-Key": "wrong", "Authorization": "Bearer secret"},
    ],
)
def test_a_wrong_key_is_told_where_the_right_one_is(headers: dict[str, str]) -> None:
    refusal = ask(access(), headers)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (401, "key_wrong")
    assert "not valid" in refusal.message
    assert "/srv/ana/.vega/api_key" in refusal.message


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-API-Key": ""}, {"Authorization": "secret"}, {"Authorization": "Basic secret"}],
)
def test_no_key_is_told_where_it_is(headers: dict[str, str]) -> None:
    refusal = ask(access(), headers)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (401, "key_missing")
    assert "/srv/ana/.vega/api_key" in refusal.message


def test_others_are_not_told_about_the_machines_folders() -> None:
    refusal = ask(access(), {}, client=("10.0.0.9", 5))

    assert refusal is not None
    assert refusal.status == 401
    assert "/srv/ana" not in refusal.message


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/livez",
        "/",
        "/pair",
        "/assets/a.js",
        "/docs",
        "/openapi.json",
        "/metrics",
        "/metrics/prometheus",
    ],
)
def test_some_paths_need_no_key_on_this_machine(path: str) -> None:
    assert ask(access(), {}, path) is None


@pytest.mark.parametrize(
    "path",
    [
        "/readyz",
        "/history",
        "/api/status",
        "/api/events",
        "/api/turns/1",
        "/metrics/prometheus/",
        "/metrics/prometheusx",
        "/x",
        "/healthz/",
        "//healthz",
        "/HEALTHZ",
        "/docsx",
        "/pair/",
        "/assets",
        "/api/devices",
        "/api/pairing",
        "/metrics/",
    ],
)
def test_other_paths_need_one(path: str) -> None:
    assert status(ask(access(), {}, path)) == 401


@pytest.mark.parametrize("path", METRICS)
@pytest.mark.parametrize("client", [("10.0.0.9", 5), ("", 5), None])
def test_metrics_are_open_to_this_machine_alone(client: tuple[str, int] | None, path: str) -> None:
    assert status(ask(access(), {}, path, client=client)) == 401
    assert ask(access(), KEY, path, client=client) is None


@pytest.mark.parametrize(
    "header",
    ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via", "X-Forwarded-Proto"],
)
def test_metrics_behind_a_proxy_need_a_key(header: str) -> None:
    for path in METRICS:
        assert status(ask(access(), {header: "x"}, path)) == 401


HOSTS = [
    "localhost",
    "localhost:8000",
    "LOCALHOST:8080",
    "127.0.0.1",
    "127.0.0.1:8000",
    "[::1]",
    "[::1]:8000",
]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example@localhost",
    "localhost@evil.example",
    "localhost/evil",
    "localhost?evil",
    "localhost#evil",
    "",
    ":8000",
    "[::1",
    "[evil]",
    "0.0.0.0",
    "localhost, evil.example",
    "localhost evil.example",
    "192.168.0.5",
]


@pytest.mark.parametrize("host", HOSTS)
def test_this_machines_names_are_known(host: str) -> None:
    assert ask(access(), {**KEY, "Host": host}) is None


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/docs", "/api/status"])
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_another_host_is_refused_on_every_path(host: str, path: str) -> None:
    refusal = ask(access(), {**KEY, "Host": host}, path)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (421, "unknown_host")
    assert "allowed_hosts" in refusal.message


def test_an_allowed_host_is_known_and_needs_a_key() -> None:
    rules = access(VEGA_ALLOWED_HOSTS="Vega.example, nas")

    assert ask(rules, {**KEY, "Host": "vega.example"}) is None
    assert ask(rules, {**KEY, "Host": "nas:8000"}) is None
    assert status(ask(rules, {"Host": "nas:8000"})) == 401


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
        {"Origin": "garbage"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_may_change_nothing(method: str, headers: dict[str, str]) -> None:
    assert status(ask(access(), {**KEY, **headers}, "/chat", method)) == 403


@pytest.mark.parametrize("path", ["/api/events", "/api/turns/1/events"])
@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_other_sites_may_not_read_along(path: str, headers: dict[str, str]) -> None:
    assert status(ask(access(), {**KEY, **headers}, path)) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost:8000"},
        {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:8080"},
        {"Origin": "http://[::1]:8080"},
        {"Origin": "http://localhost:8000", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_the_own_page_and_programs_may(headers: dict[str, str]) -> None:
    for path, method in (("/chat", "POST"), ("/api/turns/1", "DELETE"), ("/api/events", "GET")):
        assert ask(access(), {**KEY, **headers}, path, method) is None


def test_the_own_page_behind_a_proxy_with_tls_may() -> None:
    rules = access(VEGA_ALLOWED_HOSTS="vega.example")
    headers = {**KEY, "Host": "vega.example", "Origin": "https://vega.example"}

    assert ask(rules, headers, "/chat", "POST") is None


def test_without_keys_this_machine_needs_none() -> None:
    rules = access(VEGA_REQUIRE_KEY="false")

    assert ask(rules, {}) is None
    assert ask(rules, {}, "/chat", "POST") is None


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-For": "10.0.0.9"}, {"Via": "1.1 proxy"}, {"Host": "evil.example"}]
)
def test_keys_are_needed_again_once_a_proxy_or_another_host_shows(headers: dict[str, str]) -> None:
    rules = access(VEGA_REQUIRE_KEY="false")

    shown = ask(rules, headers)
    after = ask(rules, {})

    assert status(shown) in (401, 421)
    assert status(after) == 401
    assert ask(rules, KEY) is None
