"""The page as it is served: policy, caching, compression, and the word when it was not built."""

import gzip
import re
from pathlib import Path

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from vega.api import page

SHELL = "<!doctype html><script type=module src=/assets/index-1a2b.js></script>"
SCRIPT = "console.log('the page')" * 100


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page that is built: small, and the same on every machine."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(SHELL)
    (folder / "assets" / "index-1a2b.js").write_text(SCRIPT)
    (tmp_path / "secret.js").write_text("not of the page")
    monkeypatch.setattr(page, "FOLDER", folder)
    return folder


@pytest.mark.parametrize("path", ["/", "/pair"])
async def test_the_shell_is_open_to_all_and_asked_for_each_time(
    vega: Vega, built: Path, path: str
) -> None:
    async with vega.client(key="") as client:
        answer = await client.get(path)

    assert (answer.status_code, answer.text) == (200, SHELL)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_an_asset_is_open_to_all_and_kept_for_ever(vega: Vega, built: Path) -> None:
    async with vega.client(key="") as client:
        answer = await client.get("/assets/index-1a2b.js")

    assert (answer.status_code, answer.text) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/assets/index-1a2b.js"])
async def test_nothing_foreign_runs_and_nothing_is_framed(
    client: httpx2.AsyncClient, built: Path, path: str
) -> None:
    headers = (await client.get(path)).headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )

    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("encoding", "is_smaller"), [("gzip, br", True), ("identity", False)])
async def test_it_comes_compressed_to_those_who_can_read_that(
    client: httpx2.AsyncClient, built: Path, encoding: str, is_smaller: bool
) -> None:
    answer = await client.get("/assets/index-1a2b.js", headers={"Accept-Encoding": encoding})

    assert answer.text == SCRIPT
    assert (int(answer.headers["content-length"]) < len(SCRIPT)) is is_smaller
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_a_shell_that_the_browser_has_is_not_sent_again(
    client: httpx2.AsyncClient, built: Path
) -> None:
    etag = (await client.get("/")).headers["etag"]

    same = await client.get("/", headers={"If-None-Match": etag})
    other = await client.get("/", headers={"If-None-Match": '"older"'})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


async def test_a_head_is_answered_without_a_body(client: httpx2.AsyncClient, built: Path) -> None:
    answer = await client.head("/", headers={"Accept-Encoding": "identity"})

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(SHELL))


@pytest.mark.parametrize(
    "name", ["missing.js", "..%2findex.html", "..%2f..%2fsecret.js", "%2e%2e/secret.js"]
)
async def test_nothing_but_the_pages_own_files_is_served(
    client: httpx2.AsyncClient, built: Path, name: str
) -> None:
    answer = await client.get(f"/assets/{name}")

    assert answer.status_code == 404


async def test_a_page_that_is_replaced_under_a_running_vega_stays_whole(
    client: httpx2.AsyncClient, built: Path
) -> None:
    await client.get("/")
    (built / "assets" / "index-1a2b.js").unlink()
    (built / "index.html").write_text("another one")

    assert (await client.get("/")).text == SHELL
    assert (await client.get("/assets/index-1a2b.js")).text == SCRIPT


async def test_a_page_that_was_not_built_is_said_plainly(
    client: httpx2.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "nowhere")

    shell = await client.get("/")
    asset = await client.get("/assets/index.js")

    assert shell.status_code == 503
    assert "make install" in shell.text
    assert shell.headers["content-type"].startswith("text/plain")
    assert asset.status_code == 404


def test_the_built_page_is_whole() -> None:
    found = page.page_files(page.FOLDER)
    named = re.findall(r'(?:src|href)="/([^"]+)"', found[page.SHELL].body.decode())

    assert len(named) >= 3
    assert set(named) <= found.keys()
    assert [one for one in found.values() if gzip.decompress(one.gzipped) != one.body] == []
