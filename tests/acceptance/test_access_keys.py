"""`vega key` and `vega device` as the owner types them, against a real Vega."""

import json
import re
from collections.abc import Iterator
from contextlib import closing

import httpx2
import pytest

from tests.terminal import run_command
from tests.vega_process import VegaProcess

SECONDS = 30.0


@pytest.fixture
def client(vega: VegaProcess) -> Iterator[httpx2.Client]:
    with closing(httpx2.Client(base_url=vega.url, trust_env=False, timeout=SECONDS)) as client:
        yield client


def status_of(client: httpx2.Client, key: str) -> int:
    return client.get("/history", headers={"X-API-Key": key}).status_code


def create(vega: VegaProcess, name: str) -> str:
    done = run_command(vega.home, "key", "create", name)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_key_is_shown_once_lasts_over_kill_9_and_is_void_when_revoked(
    vega: VegaProcess, client: httpx2.Client
) -> None:
    made = run_command(vega.home, "key", "create", "home-assistant")
    key = made.stdout.strip()
    good = status_of(client, key)
    vega.kill()
    vega.start()
    good_still = status_of(client, key)
    listed = run_command(vega.home, "key")
    revoked = run_command(vega.home, "key", "revoke", "home-assistant")
    void = status_of(client, key)
    vega.kill()
    vega.start()

    assert re.fullmatch(r"[\w-]{43}\n", made.stdout)
    assert "cannot show it again" in made.stderr
    assert [good, good_still, void] == [200, 200, 401]
    assert status_of(client, key) == 401
    assert status_of(client, vega.key) == 200
    assert re.search(r"^1  owner +made on \d+ \w+ \d{4}  never used$", listed.stdout, re.M)
    assert re.search(r"^2  home-assistant  made on .* last used on ", listed.stdout, re.M)
    assert key not in listed.stdout
    assert revoked.stdout == "The key home-assistant is revoked: it opens nothing any more.\n"


def test_an_open_stream_of_a_revoked_key_ends_at_once(
    vega: VegaProcess, client: httpx2.Client
) -> None:
    key = create(vega, "phone")
    with client.stream("GET", "/api/events", headers={"X-API-Key": key}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": vega"
        run_command(vega.home, "key", "revoke", "2")
        rest = list(lines)

    # Not even one sign of life more, of which there is one every 15 seconds.
    assert rest == [""]
    assert "Traceback" not in vega.output


def test_the_owner_comes_in_by_the_socket_when_every_key_is_revoked(
    vega: VegaProcess, client: httpx2.Client
) -> None:
    key = vega.key
    refused = run_command(vega.home, "key", "revoke", "owner")
    is_good_still = status_of(client, key)
    forced = run_command(vega.home, "key", "revoke", "owner", "--force")
    none = run_command(vega.home, "key")
    vega.kill()
    vega.launch()
    vega.wait_until_healthy()
    again = create(vega, "new")

    assert (refused.returncode, is_good_still) == (1, 200)
    assert "last key" in refused.stderr
    assert forced.returncode == 0
    assert "There is no key" in none.stderr
    assert not (vega.home / "api_key").exists()
    assert [status_of(client, each) for each in (key, again)] == [401, 200]
    assert run_command(vega.home, "ask", "Hello.").returncode == 0


def test_a_key_is_found_by_its_name_or_its_number(vega: VegaProcess) -> None:
    create(vega, "phone")
    renamed = run_command(vega.home, "key", "rename", "2", "kitchen")
    unknown = run_command(vega.home, "key", "revoke", "phone")
    taken = run_command(vega.home, "key", "rename", "kitchen", "owner")
    found = json.loads(run_command(vega.home, "key", "list", "--json").stdout)

    assert renamed.stdout.startswith("2  kitchen  made on ")
    assert unknown.returncode == taken.returncode == 1
    assert "There is no key phone" in unknown.stderr
    assert "has this name already" in taken.stderr
    assert [key["name"] for key in found["keys"]] == ["owner", "kitchen"]


def test_browsers_are_listed_renamed_and_unpaired(vega: VegaProcess) -> None:
    nobody = run_command(vega.home, "device")
    url = run_command(vega.home, "open").stdout.strip()
    with closing(httpx2.Client(base_url=vega.url, trust_env=False)) as phone:
        phone.headers["User-Agent"] = "Mozilla/5.0 (iPhone; like Mac OS X) Mobile/15E148"
        body = {"code": url.partition("#")[2], "name": "Safari on iPhone"}
        assert phone.post("/api/devices", json=body).status_code == 201
        fresh = run_command(vega.home, "device").stdout
        seen = [phone.get("/history").status_code]
        shown = run_command(vega.home, "device", "list").stdout
        run_command(vega.home, "device", "rename", "Safari on iPhone", "Ana's phone")
        found = json.loads(run_command(vega.home, "device", "--json").stdout)
        gone = run_command(vega.home, "device", "revoke", "Ana's phone")
        seen.append(phone.get("/history").status_code)

    assert "No browser is paired" in nobody.stderr
    assert re.fullmatch(r"1  Safari on iPhone  phone  paired on .*  not seen since\n", fresh)
    assert re.search(r"  last seen on \d+ \w+ \d{4}$", shown, re.M)
    assert [device["name"] for device in found["devices"]] == ["Ana's phone"]
    assert gone.stdout == "Ana's phone is paired no more.\n"
    assert seen == [200, 401]
