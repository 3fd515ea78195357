"""`/api/index` and what the status says of it."""

import httpx2

from tests.integration.api.conftest import Vega
from tests.lives import tell
from tests.tampering import change

TURNS = 12


async def test_the_index_is_shown_made_anew_and_shown_again(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for number in range(TURNS):
        await tell(vega.life.store, f"mole {number}", "-")
    before = (await client.get("/api/search?q=mole")).json()

    shown = (await client.get("/api/index")).json()
    begun = await client.post("/api/index/rebuild")
    again = await client.post("/api/index/rebuild")
    during = (await client.get("/api/search?q=mole")).json()
    status = (await client.get("/api/status")).json()
    while await vega.life.store.word_index.go_on():
        pass

    words = {"done": TURNS, "total": TURNS, "complete": True, "trouble": None, "notice": None}
    assert shown == {
        "words": {"state": "ready", **words},
        "vectors": {"state": "off", "pending": 0, "embedded": 0, "trouble": None},
    }
    assert (begun.status_code, begun.json()["words"]) == (
        202,
        {"state": "rebuilding", **words, "done": 0},
    )
    assert again.json() == begun.json()
    assert status["indexing"]["pending"] == 0
    assert not [each for each in status["attention"] if "index" in each]
    assert during == before
    assert (await client.get("/api/index")).json() == shown
    assert (await client.get("/api/search?q=mole")).json() == before


async def test_a_missing_index_is_told_and_never_an_error(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await tell(vega.life.store, "A mole", "-")
    change(vega.life.store.forgetting._path.parent, "DROP TABLE message_index")

    found = await client.get("/api/search?q=mole")
    chatted = await client.post("/chat", json={"prompt": "Hello mole"})
    status = (await client.get("/api/status")).json()
    shown = (await client.get("/api/index")).json()["words"]
    now = (await client.get("/api/search?q=mole")).json()

    notice = "The word index is being rebuilt (50 %); until then a search does not find everything."
    assert (found.status_code, found.json()) == (200, {"items": [], "complete": False})
    assert chatted.status_code == 200
    assert status["indexing"]["pending"] == 1
    assert notice in status["attention"]
    assert shown == {
        "state": "rebuilding",
        "done": 1,
        "total": 2,
        "complete": False,
        "trouble": None,
        "notice": notice,
    }
    assert ({item["turn_id"] for item in now["items"]}, now["complete"]) == ({2}, False)


async def test_the_index_needs_the_key(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        assert (await stranger.get("/api/index")).status_code == 401
        assert (await stranger.post("/api/index/rebuild")).status_code == 401
