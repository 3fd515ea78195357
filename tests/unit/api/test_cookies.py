"""The cookie of a paired browser."""

from starlette.datastructures import Headers

from tests.clocks import FakeClock
from vega.api.cookies import Cookies, is_https


def cookies(clock: FakeClock | None = None) -> Cookies:
    return Cookies("persistent-0123abcd", clock or FakeClock())


def test_it_is_for_this_life_alone_and_out_of_reach_of_scripts_and_other_sites() -> None:
    assert cookies().write(1, "token") == (
        "vega_0123abcd=token; HttpOnly; SameSite=Strict; Path=/; Max-Age=34560000"
    )


def test_over_https_nothing_that_speaks_plain_http_can_see_or_set_it() -> None:
    assert cookies().write(1, "token", is_secure=True) == (
        "__Host-vega_0123abcd=token; HttpOnly; SameSite=Strict; Path=/; Max-Age=34560000; Secure"
    )


def test_the_one_of_https_is_looked_at_first() -> None:
    jar = Headers({"Cookie": "vega_0123abcd=one; __Host-vega_0123abcd=two"})

    assert cookies().read(jar) == ["two", "one"]


def test_a_proxy_may_say_that_its_browser_speaks_https() -> None:
    plain = {"scheme": "http"}

    assert is_https({"scheme": "https"}, Headers({}))
    assert is_https(plain, Headers({"X-Forwarded-Proto": "https"}))
    assert is_https(plain, Headers({"X-Forwarded-Proto": "HTTPS, http"}))
    assert not is_https(plain, Headers({"X-Forwarded-Proto": "http"}))
    assert not is_https(plain, Headers({}))


def test_two_lives_on_one_machine_read_each_their_own() -> None:
    jar = Headers({"Cookie": "vega_0123abcd=one; vega_ffffffff=other"})

    assert cookies().read(jar) == ["one"]
    assert Cookies("persistent-ffffffff", FakeClock()).read(jar) == ["other"]


def test_its_age_begins_anew_once_a_day_while_it_is_used() -> None:
    clock = FakeClock()
    after_a_start = cookies(clock)

    first = after_a_start.renew(1, "token")
    at_once = after_a_start.renew(1, "token")
    clock.advance(hours=23, minutes=59)
    later = after_a_start.renew(1, "token")
    clock.advance(minutes=1)
    next_day = after_a_start.renew(1, "token")

    assert (at_once, later) == (None, None)
    assert first == next_day == cookies().write(1, "token")


def test_one_that_was_just_given_is_not_renewed() -> None:
    jar = cookies()

    jar.write(1, "token")

    assert jar.renew(1, "token") is None
    assert jar.renew(2, "other") is not None
