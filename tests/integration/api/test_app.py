"""Statuses, probes, figures and the description of the whole application."""

import re
from functools import partial

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from tests.lives import tell
from vega.core.life import sqlite
from vega.errors import DatabaseDamaged, VegaError

#: Each with its method, as the description has it.
ROUTES = {
    ("POST", "/chat"),
    ("POST", "/api/chat"),
    ("POST", "/api/forget"),
    ("GET", "/api/turns/{turn_id}"),
    ("DELETE", "/api/turns/{turn_id}"),
    ("POST", "/api/turns/{turn_id}/again"),
    ("GET", "/api/turns/{turn_id}/events"),
    ("GET", "/api/turns/{turn_id}/context"),
    ("GET", "/api/events"),
    ("GET", "/api/search"),
    ("GET", "/api/recall"),
    ("GET", "/api/index"),
    ("POST", "/api/index/rebuild"),
    ("POST", "/api/import"),
    ("GET", "/api/digests"),
    ("POST", "/api/digests/redraw"),
    ("GET", "/api/facts"),
    ("GET", "/api/facts/{fact_id}"),
    ("PATCH", "/api/facts/{fact_id}"),
    ("DELETE", "/api/facts/{fact_id}"),
    ("POST", "/api/facts/redraw"),
    ("GET", "/api/backups"),
    ("POST", "/api/backups"),
    ("POST", "/api/backups/{name}/verify"),
    ("GET", "/api/verification"),
    ("POST", "/api/verification"),
    ("POST", "/api/verification/repair"),
    ("POST", "/api/pairing"),
    ("GET", "/api/tls"),
    ("POST", "/api/tls"),
    ("DELETE", "/api/tls"),
    ("GET", "/vega-ca.crt"),
    ("GET", "/api/devices"),
    ("POST", "/api/devices"),
    ("PATCH", "/api/devices/{device_id}"),
    ("DELETE", "/api/devices/{device_id}"),
    ("POST", "/api/keys"),
    ("GET", "/api/keys"),
    ("PATCH", "/api/keys/{key_id}"),
    ("DELETE", "/api/keys/{key_id}"),
    ("GET", "/history"),
    ("GET", "/api/status"),
    ("GET", "/api/models"),
    ("POST", "/api/models/pull"),
    ("DELETE", "/api/models/pull"),
    ("POST", "/api/models/use"),
    ("POST", "/api/models/test"),
    ("GET", "/metrics"),
    ("GET", "/metrics/prometheus"),
    ("GET", "/healthz"),
    ("GET", "/livez"),
    ("GET", "/readyz"),
}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/no/such/path"), ("GET", "/chat/"), ("POST", "/api/turns"), ("GET", "/%ff%fe")],
)
async def test_an_unknown_path_is_not_found_in_json(
    client: httpx2.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code in (307, 404)
    if answer.status_code == 404:
        assert "error" in answer.json()


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/chat"), ("PUT", "/chat"), ("DELETE", "/history")]
)
async def test_a_method_that_a_path_does_not_have_is_refused_in_json(
    client: httpx2.AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path)

    assert answer.status_code == 405
    assert "error" in answer.json()


@pytest.mark.parametrize("error", [RuntimeError("secret"), DatabaseDamaged(), VegaError()])
async def test_no_failure_shows_a_traceback(
    vega: Vega,
    client: httpx2.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    async def fail(turn_id: int) -> None:
        raise error

    monkeypatch.setattr(vega.life.store, "turn", fail)

    answer = await client.get("/api/turns/1")

    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "secret" not in answer.text
    assert "error" in answer.json()


async def test_the_probes_say_that_all_is_well(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok"}
    assert (await client.get("/livez")).json() == {"status": "ok"}
    assert (await client.get("/readyz")).json() == {
        "status": "ready",
        "store": "writable",
        "model": "scripted",
        "model_reachable": True,
    }


async def test_a_dead_worker_is_not_alive(vega: Vega, client: httpx2.AsyncClient) -> None:
    await vega.life.assistant.close()

    assert (await client.get("/livez")).status_code == 503
    assert (await client.get("/healthz")).status_code == 200


async def test_a_store_that_cannot_be_written_is_not_ready(
    vega: Vega, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However often the file is opened anew, as after any failure of the disk.
    monkeypatch.setattr(sqlite, "connect", partial(sqlite.connect, read_only=True))
    await vega.life.store._db.write(lambda connection: connection.pragma("query_only", True))

    answer = await client.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")


async def test_the_status_tells_model_queue_and_tiers(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await tell(vega.life.store, "Hello", "Hi!")

    status = (await client.get("/api/status")).json()

    assert status["session_id"] == vega.life.store.session_id
    assert status["queue"] == {"waiting": 0, "limit": 100}
    total = {"turns": 1, "bytes": 8, "active_bytes": 8, "entered": 1}
    assert status["tiers"]["full"] == total
    assert set(status["tiers"]) == {"full", "compressed", "archived"}
    assert status["model"]["name"] == "scripted"
    assert status["attention"] == []
    assert status["disk"]["state"] == "ok"
    assert 0 < status["disk"]["free_bytes"] <= status["disk"]["total_bytes"]


async def test_the_metrics_have_the_founding_documents_shape(client: httpx2.AsyncClient) -> None:
    metrics = (await client.get("/metrics")).json()

    assert metrics["memory_manager"]["cleanup_count"] == 0
    assert metrics["memory_manager"]["warning_threshold_percent"] == 80
    assert metrics["queue_depth"] == 0


async def test_the_description_lists_every_route(client: httpx2.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()

    routes = {
        (method.upper(), path) for path, item in described["paths"].items() for method in item
    }
    assert routes == ROUTES
    body = described["paths"]["/chat"]["post"]["requestBody"]["content"]["application/json"]
    assert "prompt" in body["schema"]["properties"]


async def test_the_page_of_the_description_loads_nothing_from_elsewhere(
    client: httpx2.AsyncClient,
) -> None:
    page = await client.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]*)"', page.text)

    assert links
    for link in links:
        assert link.startswith("/docs/")
        assert (await client.get(link)).status_code == 200
    assert "http" not in page.text
    assert "<script>" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "unsafe" not in policy
