"""Who is let in, through the whole application."""

from pathlib import Path

import httpx2
import pytest

from tests.integration.api.conftest import Vega, running
from tests.lives import tell

ROUTES = [
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/metrics/prometheus"),
    ("GET", "/docs"),
    ("GET", "/docs/start.js"),
    ("GET", "/openapi.json"),
    ("GET", "/api/status"),
    ("GET", "/history"),
    ("POST", "/chat"),
    ("POST", "/api/chat"),
    ("GET", "/api/turns/1"),
    ("GET", "/api/turns/1/events"),
    ("DELETE", "/api/turns/1"),
    ("POST", "/api/turns/1/again"),
    ("GET", "/api/events"),
    ("POST", "/api/pairing"),
    ("GET", "/api/devices"),
    ("DELETE", "/api/devices/1"),
    ("GET", "/no/such/path"),
]
OPEN = {
    "/",
    "/healthz",
    "/livez",
    "/metrics",
    "/metrics/prometheus",
    "/docs",
    "/docs/start.js",
    "/openapi.json",
}


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_another_host_is_refused_on_every_route(vega: Vega, method: str, path: str) -> None:
    async with vega.client(host="evil.example") as client:
        answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1] not in OPEN])
async def test_every_other_route_needs_the_key(vega: Vega, method: str, path: str) -> None:
    async with vega.client(key="") as client:
        without = await client.request(method, path)
    async with vega.client(key="your-key") as client:
        wrong = await client.request(method, path)

    for answer in (without, wrong):
        assert answer.status_code == 401
        assert str(vega.key_file) in answer.json()["error"]
        assert answer.headers["www-authenticate"] == "Bearer"
        assert vega.key not in answer.text


@pytest.mark.parametrize("path", sorted(OPEN))
async def test_the_open_routes_need_no_key_here(vega: Vega, path: str) -> None:
    async with vega.client(key="") as client:
        answer = await client.get(path)

    # The page may not be built.
    assert answer.status_code in (200, 503)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat"),
        ("DELETE", "/api/turns/1"),
        ("POST", "/api/turns/1/again"),
        ("GET", "/api/events"),
        ("GET", "/api/turns/1/events"),
    ],
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://[broken"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_other_sites_are_refused_and_change_nothing(
    vega: Vega, client: httpx2.AsyncClient, method: str, path: str, headers: dict[str, str]
) -> None:
    await tell(vega.life.store)

    answer = await client.request(method, path, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert len(await vega.life.store.history(10)) == 1


async def test_no_answer_lets_other_sites_read_it(client: httpx2.AsyncClient) -> None:
    headers = {"Origin": "https://evil.example"}

    for answer in (await client.get("/history", headers=headers), await client.options("/chat")):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        (("10.0.0.9", 1), {}),
        (("127.0.0.1", 1), {"X-Forwarded-For": "10.0.0.9"}),
        (("127.0.0.1", 1), {"Forwarded": "for=10.0.0.9"}),
        (("127.0.0.1", 1), {"Via": "1.1 nginx"}),
    ],
)
async def test_metrics_are_open_to_this_machine_alone(
    vega: Vega, peer: tuple[str, int], headers: dict[str, str]
) -> None:
    async with vega.client(key="", peer=peer) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 401
    async with vega.client(peer=peer) as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 200


async def test_keys_that_are_off_go_on_again_when_a_proxy_shows(tmp_path: Path) -> None:
    async with running(tmp_path, VEGA_REQUIRE_KEY="false") as vega, vega.client(key="") as client:
        before = await client.post("/chat", json={"prompt": "Hello"})
        forwarded = await client.get("/history", headers={"X-Forwarded-For": "10.0.0.9"})
        after = await client.get("/history")

        assert [a.status_code for a in (before, forwarded, after)] == [200, 401, 401]


async def test_a_given_key_stands_in_place_of_the_made_one(tmp_path: Path) -> None:
    async with running(tmp_path, VEGA_API_KEY="given") as vega:
        async with vega.client(key="given") as client:
            right = await client.get("/history")
        async with vega.client(key="other") as client:
            wrong = await client.get("/history")

    assert (right.status_code, wrong.status_code) == (200, 401)
    assert "VEGA_API_KEY" in wrong.json()["error"]
