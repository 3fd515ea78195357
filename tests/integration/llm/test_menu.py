"""What there is to choose from; fetching, choosing and trying it, over a hub on loopback."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chosen_lives import ask, life_on, until
from tests.gguf_files import write_gguf
from tests.known_servers import Offered, Ollama
from tests.model_hub import ModelHub, hub_model
from tests.model_server import Behaviour
from vega.errors import InvalidInput, ModelError, ModelNotFound, SettingOverridden
from vega.llm import catalogue, hardware, shelf
from vega.llm.catalogue import BUILT_IN, SMOLLM2_135M, CatalogueModel
from vega.llm.hardware import Gpu, Machine
from vega.llm.menu import Entry, ModelMenu, Overview

STARTER = SMOLLM2_135M.id
ROOMY = Machine(ram_mb=32_000, available_mb=24_000, cores=8)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Not the one that the test happens to run on: it may be full."""

    async def probe() -> Machine:
        return ROOMY

    monkeypatch.setattr(shelf, "probe", probe)
    monkeypatch.setattr(hardware, "probe", probe)
    return ROOMY


@pytest.fixture
def content(models: Path) -> bytes:
    return (models / SMOLLM2_135M.file_name).read_bytes()


@pytest.fixture
def better(content: bytes, monkeypatch: pytest.MonkeyPatch) -> CatalogueModel:
    """A model of the catalogue that is not here: the starter's own weights by another name."""
    model = hub_model(
        content,
        id="better",
        file_name="better.gguf",
        is_able=True,
        context_tokens=1024,
        answer_tokens=16,
        parameters=4_000_000_000,
        ram_mb=300,
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", (*BUILT_IN, model))
    return model


@pytest.fixture
def folder(models: Path, tmp_path: Path) -> Path:
    """A folder of models of the test's own, with the starter model in it."""
    folder = tmp_path / "own-models"
    folder.mkdir()
    for path in models.glob("*"):
        if path.is_file() and not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    return folder


def entry(overview: Overview, model_id: str) -> Entry:
    return next(each for each in overview.models if each.id == model_id)


async def test_a_better_model_is_offered_fetched_and_used_between_two_turns(
    tmp_path: Path, folder: Path, better: CatalogueModel, hub: ModelHub
) -> None:
    hub.faults.cuts = [30_000_000]
    async with life_on(tmp_path, models=folder, hub_url=hub.url) as life:
        menu = ModelMenu(life.models, lambda _: None)
        assert (await ask(life))[:2] == (STARTER, None)
        before = await menu.overview()
        assert menu.pull("better").state == "fetching"
        while entry(await menu.overview(), "better").state == "fetching":
            await asyncio.sleep(0.05)
        await until(lambda: len(life.models.lineup.running()) == 2)
        loading = life.models.lineup.candidates[0].connector()
        assert await loading.wait_until_available(60)

        assert (await ask(life, "What is a bush?"))[:2] == ("better", None)
        await until(lambda: len(life.models.lineup.running()) == 1)
        after = await menu.overview()

    assert before.offer is not None
    assert (before.offer.id, before.offer.size_bytes) == ("better", better.size_bytes)
    assert f"{STARTER} is no conversation partner." in before.offer.text
    assert "For real conversation get better: 98 MB, about a minute." in before.offer.text
    assert entry(before, "better").is_offered
    assert entry(before, STARTER).is_current
    assert (after.offer, entry(after, "better").state) == (None, "here")
    assert entry(after, "better").is_current
    assert len(hub.served) == 2


async def test_a_better_one_that_is_being_fetched_is_not_offered_again(
    tmp_path: Path, folder: Path, better: CatalogueModel, hub: ModelHub
) -> None:
    hub.faults.stalls = [1_000_000]
    async with life_on(tmp_path, models=folder, hub_url=hub.url) as life:
        menu = ModelMenu(life.models, lambda _: None)
        menu.pull("better")
        await asyncio.wait_for(hub.is_stalled.wait(), 30)
        fetching = entry(await menu.overview(), "better")
        offer = await menu.find_offer()
        stopped = await menu.stop_pull("better")
        offered = await menu.find_offer()

    assert fetching.progress is not None
    assert fetching.progress.total_bytes == better.size_bytes
    assert offer is None
    assert stopped.state == "paused"
    assert offered is not None


async def test_a_servers_able_model_is_not_talked_down(
    tmp_path: Path, better: CatalogueModel
) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address]) as life:
        await ask(life)
        found = await ModelMenu(life.models, lambda _: None).overview()

    assert better.id in {each.id for each in found.models}
    assert found.offer is None
    assert found.current is not None
    assert (found.current.id, found.chosen) == ("ollama:llama3.2", "")
    assert entry(found, "ollama:llama3.2").is_current


async def test_a_gpu_that_the_engine_does_not_use_is_said(
    tmp_path: Path, folder: Path, better: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probe() -> Machine:
        return replace(ROOMY, gpus=(Gpu("GeForce RTX 4070", 12_000),))

    monkeypatch.setattr(shelf, "probe", probe)
    async with life_on(tmp_path, models=folder) as life:
        offer = await ModelMenu(life.models, lambda _: None).find_offer()

    assert offer is not None
    assert "does not use the GeForce RTX 4070; Ollama does" in offer.text


async def test_without_a_network_the_pull_says_so_and_the_starter_goes_on(
    tmp_path: Path, folder: Path, better: CatalogueModel
) -> None:
    async with life_on(tmp_path, models=folder) as life:
        menu = ModelMenu(life.models, lambda _: None)
        menu.pull(better.id)
        async with asyncio.timeout(60):
            while not (shown := entry(await menu.overview(), "better")).error:
                await asyncio.sleep(0.05)

        assert shown.state == "fetching"
        assert (await ask(life))[:2] == (STARTER, None)


async def test_everything_is_listed_with_what_is_wrong_with_it(
    tmp_path: Path, folder: Path
) -> None:
    (folder / "nonsense.gguf").write_bytes(b"<html>")
    write_gguf(folder / "mine.gguf")
    server = Ollama(Offered("llama3.2"), Offered("cloudy", remote_host="https://ollama.com:443"))
    async with server, life_on(tmp_path, [server.address], models=folder) as life:
        menu = ModelMenu(life.models, lambda _: None)
        found = await menu.overview()
        await server.__aexit__()
        later = await menu.overview()
        await server.__aenter__()

    assert (entry(found, "nonsense.gguf").state, entry(found, "nonsense.gguf").fits) == (
        "failed",
        False,
    )
    assert "no GGUF file" in (entry(found, "nonsense.gguf").error or "")
    assert (entry(found, "mine.gguf").kind, entry(found, "mine.gguf").state) == ("file", "here")
    assert entry(found, STARTER).state == "here"
    assert "not on this machine" in entry(found, "ollama:cloudy").description
    assert entry(found, "ollama:llama3.2").state == "here"
    assert entry(later, "ollama:llama3.2").state == "away"


async def test_what_the_owner_chose_is_listed_though_it_is_nowhere(tmp_path: Path) -> None:
    async with life_on(tmp_path, model="ollama:absent", falls_back=False) as life:
        found = await ModelMenu(life.models, lambda _: None).overview()

    assert found.current is None
    assert found.reason == "No Ollama answers here that has absent."
    assert (entry(found, "ollama:absent").state, found.chosen) == ("away", "ollama:absent")


async def test_a_model_is_used_at_once_and_saved(tmp_path: Path) -> None:
    saved: list[str] = []
    server = Ollama(Offered("one", is_loaded=True), Offered("two"))
    async with server, life_on(tmp_path, [server.address]) as life:
        menu = ModelMenu(life.models, saved.append)
        chosen = await menu.use("ollama:two")
        answered = (await ask(life))[0]
        automatic = await menu.use("")

    assert saved == ["ollama:two", ""]
    assert answered == "two"
    assert (chosen.chosen, automatic.chosen) == ("ollama:two", "")


async def test_a_model_that_is_to_be_used_and_is_not_here_is_fetched(
    tmp_path: Path, folder: Path, better: CatalogueModel, hub: ModelHub
) -> None:
    hub.faults.stalls = [1_000_000]
    async with life_on(tmp_path, models=folder, hub_url=hub.url) as life:
        menu = ModelMenu(life.models, lambda _: None)
        chosen = await menu.use("better")
        model, note, _ = await ask(life)
        # The hub stands still until it is asked anew.
        await menu.stop_pull("better")
        menu.pull("better")
        while entry(await menu.overview(), "better").state == "fetching":
            await asyncio.sleep(0.05)
        await until(lambda: life.models.lineup.candidates[0].is_running)
        assert await life.models.lineup.candidates[0].connector().wait_until_available(60)
        after = await ask(life, "What is a bush?")

    assert chosen.reason is not None
    assert (model, note) == (
        STARTER,
        f"better is not there, so {STARTER} on this machine answered.",
    )
    assert after[:2] == ("better", None)


@pytest.mark.parametrize("name", ["nonsense", "ollama:nonsense", "/no/such/file.gguf", "x.gguf"])
async def test_a_model_that_there_is_not_cannot_be_used(tmp_path: Path, name: str) -> None:
    saved: list[str] = []
    async with life_on(tmp_path) as life:
        menu = ModelMenu(life.models, saved.append)
        with pytest.raises(ModelNotFound):
            await menu.use(name)

    assert saved == []


async def test_a_file_that_is_no_model_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "a.gguf").write_bytes(b"nonsense")
    async with life_on(tmp_path) as life:
        with pytest.raises(ModelError, match="no GGUF file"):
            await ModelMenu(life.models, lambda _: None).use(str(tmp_path / "a.gguf"))


async def test_a_choice_that_cannot_be_saved_changes_nothing(tmp_path: Path) -> None:
    def refuse(_name: str) -> None:
        raise SettingOverridden

    server = Ollama(Offered("one", is_loaded=True), Offered("two"))
    async with server, life_on(tmp_path, [server.address]) as life:
        with pytest.raises(SettingOverridden):
            await ModelMenu(life.models, refuse).use("ollama:two")

        assert (await ask(life))[0] == "one"


async def test_only_the_catalogues_models_are_fetched(tmp_path: Path) -> None:
    async with life_on(tmp_path) as life:
        menu = ModelMenu(life.models, lambda _: None)
        for name, error in (
            ("ollama:llama3.2", InvalidInput),
            ("mine.gguf", InvalidInput),
            ("nonsense", ModelNotFound),
            ("all-minilm-l6-v2", ModelNotFound),
        ):
            with pytest.raises(error):
                menu.pull(name)


@pytest.fixture
async def tried(tmp_path: Path) -> AsyncIterator[tuple[Ollama, ModelMenu]]:
    behaviour = Behaviour(pieces=["It ", "is ", "Paris, ", "42 or ", "blue."])
    async with (
        Ollama(Offered("one", is_loaded=True), Offered("two"), behaviour=behaviour) as server,
        life_on(tmp_path, [server.address]) as life,
    ):
        await life.models.lineup.look()
        yield server, ModelMenu(life.models, lambda _: None)
        assert await life.store.history(10) == []


async def test_a_trial_says_how_able_and_how_quick_a_model_is(
    tried: tuple[Ollama, ModelMenu],
) -> None:
    server, menu = tried
    trial = await menu.test("")
    other = await menu.test("ollama:two")

    assert trial.id == "ollama:one"
    assert [check.is_right for check in trial.checks] == [True, True, False, True, False]
    assert trial.first_token_seconds >= 0
    assert trial.tokens_per_second > 0
    assert other.id == "ollama:two"
    assert server.chats[-1].json()["model"] == "two"


async def test_a_trial_of_a_model_that_gives_no_answer_fails_with_its_reason(
    tried: tuple[Ollama, ModelMenu],
) -> None:
    server, menu = tried
    server.behaviour.failure = "refuses"
    with pytest.raises(ModelError, match="I do not like this"):
        await menu.test("")
    with pytest.raises(ModelNotFound):
        await menu.test("nonsense")


async def test_a_model_that_is_not_loaded_is_loaded_for_its_trial_and_no_longer(
    tmp_path: Path, models: Path
) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address], models=models) as life:
        menu = ModelMenu(life.models, lambda _: None)
        await life.models.lineup.look()
        trial = await menu.test(STARTER)

        assert trial.checks[0].is_right
        assert life.models.lineup.running() == []
