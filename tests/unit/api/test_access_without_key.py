"""Who is let in without a key: by the Unix socket, by a paired browser's cookie, with a code."""

import os

import pytest

from tests.unit.api.rules import COOKIE, KEY, access, ask, status


@pytest.mark.parametrize("uid", [0, os.geteuid()])
@pytest.mark.parametrize("path", ["/api/status", "/metrics", "/api/pairing", "/metrics/prometheus"])
def test_the_owner_and_root_need_no_key_on_the_unix_socket(uid: int, path: str) -> None:
    assert ask(access(), {}, path, client=None, peer_uid=uid) is None
    assert ask(access(), {}, "/chat", "POST", client=None, peer_uid=uid) is None


@pytest.mark.parametrize("headers", [{}, KEY, COOKIE])
@pytest.mark.parametrize("path", ["/api/status", "/healthz", "/"])
def test_another_user_is_refused_on_the_unix_socket(headers: dict[str, str], path: str) -> None:
    refusal = ask(access(), headers, path, client=None, peer_uid=os.geteuid() + 4_321)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "foreign_user")


def test_a_proxy_that_runs_as_the_owner_needs_a_key_on_the_unix_socket() -> None:
    rules, uid = access(), os.geteuid()
    headers = {"X-Forwarded-For": "10.0.0.9"}

    refusal = ask(rules, headers, client=None, peer_uid=uid)

    assert refusal is not None
    assert refusal.status == 401
    assert "/srv/ana" not in refusal.message
    assert ask(rules, {**headers, **KEY}, client=None, peer_uid=uid) is None


def test_host_and_origin_hold_on_the_unix_socket_too() -> None:
    rules, uid = access(), os.geteuid()
    evil = {"Origin": "https://evil.example"}

    assert status(ask(rules, {"Host": "evil.example"}, client=None, peer_uid=uid)) == 421
    assert status(ask(rules, evil, "/chat", "POST", client=None, peer_uid=uid)) == 403


@pytest.mark.parametrize("name", ["Peer-Uid", "peer_uid", "X-Peer-Uid", "State"])
def test_no_header_makes_a_network_peer_the_owner(name: str) -> None:
    assert status(ask(access(), {name: str(os.geteuid())})) == 401


@pytest.mark.parametrize(
    "cookie",
    [
        "vega_0123abcd=token",
        "a=b; vega_0123abcd=token; c=d",
        "vega_0123abcd=tossed; vega_0123abcd=token",
        "vega_ffffffff=another life; vega_0123abcd=token",
    ],
)
def test_a_paired_browser_is_let_in(cookie: str) -> None:
    assert ask(access(), {"Cookie": cookie}) is None
    assert (
        ask(access(), {"Cookie": cookie, "Origin": "http://localhost:8000"}, "/chat", "POST")
        is None
    )


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        ";;=;",
        "vega_0123abcd=",
        "vega_0123abcd=tokem",
        "vega_0123abcd=token2",
        "vega_ffffffff=token",
        "VEGA_0123ABCD=token",
        "xvega_0123abcd=token",
        "vega_0123abcd=x; " * 16 + "vega_0123abcd=token",
    ],
)
def test_another_cookie_opens_nothing(cookie: str) -> None:
    refusal = ask(access(), {"Cookie": cookie})

    assert refusal is not None
    assert (refusal.status, refusal.code) == (401, "key_missing")


def test_a_wrong_key_is_not_made_good_by_a_cookie() -> None:
    assert status(ask(access(), {**COOKIE, "X-API-Key": "wrong"})) == 401


@pytest.mark.parametrize("path", ["/history", "/api/status", "/api/turns/1", "/api/events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_get_nothing_by_the_browsers_cookie(path: str, headers: dict[str, str]) -> None:
    refusal = ask(access(), {**COOKIE, **headers}, path)

    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "foreign_origin")


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_what_is_typed_are_let_in_by_cookie(site: str) -> None:
    assert ask(access(), {**COOKIE, "Sec-Fetch-Site": site}, "/history") is None


def test_a_paired_browser_may_not_pair_another() -> None:
    refusal = ask(access(), COOKIE, "/api/pairing", "POST")

    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "key_needed")
    assert "vega open" in refusal.message
    assert ask(access(), {**COOKIE, **KEY}, "/api/pairing", "POST") is None


def test_a_code_may_be_brought_without_a_key_and_only_from_here() -> None:
    rules = access()

    assert ask(rules, {}, "/api/devices", "POST") is None
    assert ask(rules, {"Origin": "http://localhost:8080"}, "/api/devices", "POST") is None
    assert status(ask(rules, {"Origin": "https://evil.example"}, "/api/devices", "POST")) == 403
    assert status(ask(rules, {"Sec-Fetch-Site": "cross-site"}, "/api/devices", "POST")) == 403
    assert status(ask(rules, {"Host": "evil.example"}, "/api/devices", "POST")) == 421
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"):
        assert status(ask(rules, {}, "/api/devices", method)) == 401
