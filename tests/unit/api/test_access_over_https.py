"""Who is let in at the https door: the rules, with a certificate's names."""

import pytest

from tests.unit.api.rules import COOKIE, KEY, access, ask, status

NAMES = frozenset({"ana-pc.local", "192.168.1.20", "fd00::2"})
PHONE = ("192.168.1.30", 5)


@pytest.mark.parametrize("host", ["ana-pc.local:8443", "192.168.1.20:8443", "[fd00::2]:8443"])
def test_a_name_of_the_certificate_is_known_there_and_at_no_other_door(host: str) -> None:
    rules = access(NAMES)
    headers = {**KEY, "Host": host}

    assert status(ask(rules, headers, client=PHONE, scheme="https")) == 200
    assert status(ask(rules, headers, client=PHONE)) == 421


def test_what_is_always_known_is_known_there_too() -> None:
    assert status(ask(access(NAMES), {**KEY, "Host": "localhost:8443"}, scheme="https")) == 200
    assert status(ask(access(NAMES), {**KEY, "Host": "evil.example"}, scheme="https")) == 421


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://ana-pc.local:8443", 200),
        # Whoever sits between could have sent that page.
        ("http://ana-pc.local:8443", 403),
        ("http://localhost:8080", 403),
        ("https://192.168.1.20:8443", 403),
        ("https://ana-pc.local", 403),
        ("null", 403),
    ],
)
def test_only_its_own_pages_over_https_may_ask(origin: str, expected: int) -> None:
    headers = {"Host": "ana-pc.local:8443", "Origin": origin}
    for secret in (KEY, COOKIE):
        refusal = ask(
            access(NAMES), {**headers, **secret}, "/api/chat", "POST", PHONE, scheme="https"
        )
        assert status(refusal) == expected


def test_the_cookie_that_https_gave_opens() -> None:
    headers = {"Host": "ana-pc.local:8443", "Cookie": "__Host-vega_0123abcd=token"}

    assert status(ask(access(NAMES), headers, client=PHONE, scheme="https")) == 200


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_paired_browser_opens_and_closes_no_door(method: str) -> None:
    refusal = ask(access(NAMES), COOKIE, "/api/tls", method)

    assert refusal is not None
    assert refusal.code == "key_needed"


def test_the_certificate_to_trust_needs_no_key() -> None:
    assert ask(access(NAMES), {}, "/vega-ca.crt", client=PHONE) is None


def test_a_phone_needs_the_key() -> None:
    headers = {"Host": "ana-pc.local:8443"}

    assert status(ask(access(NAMES), headers, client=PHONE, scheme="https")) == 401
    assert status(ask(access(NAMES), headers, "/metrics", client=PHONE, scheme="https")) == 401
