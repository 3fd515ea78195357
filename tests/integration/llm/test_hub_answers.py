"""Whom Vega lets send it a model, and what it says when there is none to be had."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.model_hub import LOGIN_PAGE, ModelHub
from tests.vega_process import free_ports
from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm.catalogue import CatalogueModel
from vega.llm.download import ModelFiles
from vega.llm.hub import MOST_REDIRECTS, Patience, next_address

PATIENCE = Patience(connect_seconds=5, stall_seconds=0.5, pauses_seconds=(0.01, 0.02, 0.05))


@pytest.fixture
def files(hub: ModelHub, tmp_path: Path) -> ModelFiles:
    return ModelFiles(tmp_path / "models", hub.url, PATIENCE)


async def test_another_file_that_the_hub_itself_names_is_refused_before_a_byte_of_it(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.linked_sha256 = "0" * 64

    with pytest.raises(ModelFileRefused, match="has another file than the tiny"):
        await files.ensure(model)
    assert hub.served == []


async def test_a_mirror_that_says_nothing_of_checksums_is_taken_by_ours(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.is_silent_about_checksum = True

    assert (await files.ensure(model)).read_bytes() == content


async def test_a_login_page_is_refused_at_once_and_nothing_of_it_is_kept(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.faults.page = LOGIN_PAGE

    with pytest.raises(ModelFileRefused, match="is no GGUF file: it begins with '<!DOCTYPE html>"):
        await files.ensure(model)
    assert len(hub.served) == 1
    assert _names(files) == {".tiny.gguf.lock"}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_a_hub_in_trouble_is_asked_again(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes, status: int
) -> None:
    hub.faults.statuses = [status, status]

    assert (await files.ensure(model)).read_bytes() == content
    assert len(hub.served) == 3


async def test_a_hub_that_stays_in_trouble_is_given_up_with_its_status(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.faults.statuses = [429] * 10

    with pytest.raises(ModelUnavailable, match=r"cannot send tiny now \(429\)"):
        await files.ensure(model)


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "asks for an account"), (403, "does not give it out"), (404, "does not have it")],
)
async def test_what_the_hub_will_not_give_is_refused_at_once(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, status: int, words: str
) -> None:
    hub.faults.statuses = [status]

    with pytest.raises(ModelFileRefused, match=rf"{words}: tiny \({status}\)"):
        await files.ensure(model)
    assert len(hub.served) == 1


async def test_a_redirect_that_never_ends_is_refused(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.faults.redirect = "loop"

    with pytest.raises(ModelFileRefused, match="from address to address without end"):
        await files.ensure(model)
    assert len(hub.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize("target", ["ftp://localhost/tiny.gguf", "file:///etc/passwd"])
async def test_a_redirect_to_another_scheme_is_refused(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, target: str
) -> None:
    hub.faults.redirect = target

    with pytest.raises(ModelFileRefused, match="less safe"):
        await files.ensure(model)


def test_a_redirect_may_lead_to_https_and_never_away_from_it() -> None:
    safe, plain = httpx2.URL("https://hub.example/a"), httpx2.URL("http://hub.example/a")

    assert str(next_address(plain, "https://cdn.example/b")) == "https://cdn.example/b"
    assert str(next_address(safe, "/b?c")) == "https://hub.example/b?c"
    with pytest.raises(ModelFileRefused):
        next_address(safe, "http://cdn.example/b")


async def test_neither_cookies_nor_credentials_go_on_to_where_a_redirect_leads(
    hub: ModelHub, model: CatalogueModel, tmp_path: Path
) -> None:
    hub.faults.cuts = [100_000]
    url = hub.url.replace("127.0.0.1", "owner:secret@localhost")
    await ModelFiles(tmp_path / "models", url, PATIENCE).ensure(model)

    assert all("authorization" in request.headers for request in hub.asked)
    assert all(
        "authorization" not in request.headers and "cookie" not in request.headers
        for request in hub.served
    )
    assert "cookie" not in hub.asked[1].headers


async def test_without_a_network_one_sentence_says_so(
    model: CatalogueModel, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    files = ModelFiles(tmp_path, f"http://127.0.0.1:{port}", PATIENCE)

    with pytest.raises(
        ModelUnavailable,
        match=r"^127\.0\.0\.1 cannot be reached, so tiny waits for the network\.$",
    ):
        await files.ensure(model)


async def test_a_hub_that_cannot_prove_who_it_is_is_not_taken_for_a_missing_network(
    model: CatalogueModel, tmp_path: Path
) -> None:
    def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 This is no TLS\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        files = ModelFiles(tmp_path, f"https://127.0.0.1:{port}", PATIENCE)

        with pytest.raises(ModelUnavailable, match=r"^127\.0\.0\.1 cannot be trusted: .*SSL"):
            await files.ensure(model)


@pytest.mark.parametrize("url", ["ftp://hub", "hub.example", "http://", ""])
async def test_an_address_that_is_none_is_refused(
    model: CatalogueModel, tmp_path: Path, url: str
) -> None:
    with pytest.raises(ModelFileRefused, match="no address"):
        await ModelFiles(tmp_path, url, PATIENCE).ensure(model)


def _names(files: ModelFiles) -> set[str]:
    return {path.name for path in files.folder.iterdir()}
