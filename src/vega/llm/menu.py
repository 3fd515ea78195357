"""What there is to choose from, and the owner's doings with it: pull, use, test.

Everything that the page and `vega model` show of models is put together here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from vega.errors import InvalidInput, ModelLoading, ModelNotFound, ModelUnavailable
from vega.llm import catalogue, offer
from vega.llm.base import ModelProfile, without_credentials
from vega.llm.candidates import Candidate
from vega.llm.catalogue import CatalogueModel
from vega.llm.choice import ModelChoice
from vega.llm.hardware import Machine, probe
from vega.llm.lineup import SERVED_PREFIXES
from vega.llm.offer import Offer
from vega.llm.pulls import PullProgress
from vega.llm.served import ServedModel
from vega.llm.trial import Trial, try_model

State = Literal["here", "absent", "fetching", "paused", "failed", "away"]

#: How a download's state is called for who looks at models.
STATES: dict[str, State] = {
    "queued": "fetching",
    "fetching": "fetching",
    "waiting": "fetching",
    "paused": "paused",
    "failed": "failed",
}
#: For a model that must be loaded before it can be tried.
TRIAL_LOAD_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download has come."""

    done_bytes: int
    total_bytes: int
    bytes_per_second: float | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One model that the owner may choose."""

    id: str
    kind: Literal["catalogue", "file", "server"]
    description: str
    licence: str
    size_bytes: int
    #: 0 where a server runs it.
    ram_mb: int
    state: State
    progress: Progress | None
    error: str | None
    fits: bool
    is_current: bool
    is_offered: bool
    is_able: bool


@dataclass(frozen=True, slots=True)
class Current:
    """The model that answers now."""

    id: str
    name: str
    place: str
    is_able: bool
    context_tokens: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything there is to know about models at this moment."""

    current: Current | None
    #: Why none answers, or not the one that the owner chose.
    reason: str | None
    chosen: str
    machine: Machine
    models: tuple[Entry, ...]
    offer: Offer | None


class ModelMenu:
    """The models of one Vega, as its owner sees them."""

    def __init__(self, choice: ModelChoice, save: Callable[[str], None]) -> None:
        """`save` writes the setting `model`, and raises where that is not possible or in vain."""
        self._choice = choice
        self._lineup = choice.lineup
        self._shelf = choice.lineup.shelf
        self._save = save

    async def overview(self) -> Overview:
        await self._lineup.look()
        machine = await self._shelf.know_machine()
        current, reason = await self._current()
        offered = await self.find_offer()
        entries = [
            replace(
                entry,
                is_current=current is not None and entry.id == current.id,
                is_offered=offered is not None and entry.id == offered.id,
            )
            for entry in self._entries(machine)
        ]
        chosen = without_credentials(self._lineup.wishes.url) or self._lineup.wishes.model
        return Overview(current, reason, chosen, machine, tuple(entries), offered)

    async def find_offer(self) -> Offer | None:
        """The better model that could be had, if there is one that nobody fetches already."""
        if not self._lineup.can_grow:
            return None
        machine = await self._shelf.know_machine()
        try:
            candidate, profile = await self._choice.current()
        except ModelUnavailable:
            found: tuple[Candidate | None, ModelProfile | None] = None, None
        else:
            found = candidate, profile
        is_able = found[1] is not None and found[1].is_able
        best = offer.offer_for(
            machine, found[0], is_able=is_able, is_automatic=self._lineup.wishes.is_automatic
        )
        progress = self._shelf.pulls.progress(best) if best else None
        if best is None or (progress and progress.state not in ("paused", "failed")):
            return None
        return offer.describe(best, machine, found[1].name if found[1] and not is_able else None)

    def pull(self, model_id: str) -> Entry:
        """Fetch it in the background. Raises ModelNotFound, InvalidInput, ModelUnavailable."""
        model = self._known(model_id)
        self._shelf.pulls.start(model)
        return self._catalogue_entry(model)

    async def stop_pull(self, model_id: str) -> Entry:
        """Fetch it no more; what has come is kept."""
        model = self._known(model_id)
        await self._shelf.pulls.stop(model)
        return self._catalogue_entry(model)

    async def use(self, model_id: str) -> Overview:
        """From the next turn on, and at every start; one of the catalogue is fetched if need be.

        Raises ModelNotFound, ModelFileRefused, SettingOverridden, ConfigError.
        """
        if model_id and not model_id.startswith(SERVED_PREFIXES):
            model = await self._shelf.find(model_id)
            if not self._shelf.files.is_here(model):
                self._shelf.pulls.start(model)
        elif model_id:
            await self._lineup.look()
            if model_id.removesuffix(":latest") not in {each.id for each in self._served()}:
                raise ModelNotFound(model_id)
        await asyncio.to_thread(self._save, model_id)
        await self._choice.use(replace(self._lineup.wishes, model=model_id))
        return await self.overview()

    async def test(self, model_id: str) -> Trial:
        """Ask it a few questions. Raises ModelNotFound, ModelError."""
        if not model_id:
            candidate, _ = await self._choice.current()
            await self._load(candidate)
            return await _try(candidate)
        candidate = await self._lineup.find(model_id)
        was_running = candidate.is_running or candidate.is_asleep
        try:
            await self._load(candidate)
            return await _try(candidate)
        finally:
            if candidate not in self._lineup.candidates or not was_running:
                await candidate.close()

    async def _current(self) -> tuple[Current | None, str | None]:
        try:
            candidate, profile = await self._choice.current()
        except ModelUnavailable as error:
            return None, str(error)
        first = self._lineup.candidates[0]
        reason = str(first.error) if first is not candidate and first.error else None
        shown = Current(
            candidate.id, profile.name, profile.place, profile.is_able, profile.context_tokens
        )
        return shown, reason

    async def _load(self, candidate: Candidate) -> None:
        """Until it is ready to be tried. Raises ModelUnavailable."""
        model = candidate.model
        if model and not candidate.is_running and (await probe()).available_mb < model.ram_mb:
            raise ModelUnavailable(
                f"There is no memory free for {model.id} beside what runs: it needs "
                f"{model.ram_mb} MB."
            )
        try:
            await candidate.ask(is_last=True)
        except ModelLoading:
            await candidate.wait(TRIAL_LOAD_SECONDS, is_last=False)
            await candidate.ask(is_last=True)

    def _known(self, model_id: str) -> CatalogueModel:
        model = catalogue.find(model_id)
        if model is not None and model.kind == "chat":
            return model
        if model_id.startswith(SERVED_PREFIXES) or model_id.lower().endswith(".gguf"):
            raise InvalidInput(f"{model_id} is no model of the catalogue; only those are fetched.")
        raise ModelNotFound(model_id)

    def _served(self) -> list[ServedModel]:
        return [model for models in self._lineup.served.values() for model in models]

    # Entries

    def _entries(self, machine: Machine) -> list[Entry]:
        known = [model for model in catalogue.CATALOGUE if model.kind == "chat"]
        entries = [self._catalogue_entry(model, machine) for model in known]
        entries += [self._file_entry(model, machine) for model in self._shelf.own]
        entries += [_refused_entry(name, why) for name, why in self._shelf.refused.items()]
        entries += [self._served_entry(model) for model in self._served()]
        shown = {entry.id for entry in entries}
        others = [each for each in self._lineup.candidates[:1] if each.id not in shown]
        return entries + [_other_entry(candidate) for candidate in others]

    def _catalogue_entry(self, model: CatalogueModel, machine: Machine | None = None) -> Entry:
        progress = self._shelf.pulls.progress(model)
        state: State = "here" if self._shelf.files.is_here(model) else "absent"
        if state == "absent" and progress:
            state = STATES.get(progress.state, "absent")
        elif state == "absent" and any(each.model == model for each in self._lineup.running()):
            state = "fetching"
        error = progress.error if progress else None
        return replace(
            self._file_entry(model, machine),
            kind="catalogue",
            state=state,
            progress=_progress(progress) if state in ("fetching", "paused") else None,
            error=error or self._error_of(model.id),
        )

    def _file_entry(self, model: CatalogueModel, machine: Machine | None = None) -> Entry:
        machine = machine or self._shelf.machine
        return Entry(
            id=model.id,
            kind="file",
            description=model.description,
            licence=model.licence,
            size_bytes=model.size_bytes,
            ram_mb=model.ram_mb,
            state="here",
            progress=None,
            error=self._error_of(model.id),
            fits=machine is None or catalogue.fits(model, machine),
            is_current=False,
            is_offered=False,
            is_able=model.is_able,
        )

    def _served_entry(self, model: ServedModel) -> Entry:
        where = f"; it runs at {model.runs_at}, not on this machine" if model.runs_at else ""
        return _server_entry(
            model.id,
            f"Offered by the model server at {model.server}{where}.",
            "here" if model.server in self._lineup.answering else "away",
            self._error_of(model.id),
            model.size_bytes,
        )

    def _error_of(self, model_id: str) -> str | None:
        """Why it did not answer last time."""
        for candidate in self._lineup.candidates:
            if candidate.id == model_id and candidate.error:
                return None if isinstance(candidate.error, ModelLoading) else str(candidate.error)
        return None


async def _try(candidate: Candidate) -> Trial:
    with candidate.in_use():
        return await try_model(candidate.id, candidate.connector())


def _server_entry(
    model_id: str, description: str, state: State, error: str | None, size_bytes: int = 0
) -> Entry:
    return Entry(
        id=model_id,
        kind="server",
        description=description,
        licence="",
        size_bytes=size_bytes,
        ram_mb=0,
        state=state,
        progress=None,
        error=error,
        fits=True,
        is_current=False,
        is_offered=False,
        is_able=True,
    )


def _other_entry(candidate: Candidate) -> Entry:
    """What the owner chose and neither the catalogue nor a server that was found has."""
    error = str(candidate.error) if candidate.error else None
    entry = _server_entry(candidate.id, "What you chose.", "away" if error else "here", error)
    return replace(entry, kind="file") if candidate.model else entry


def _refused_entry(name: str, why: str) -> Entry:
    entry = _server_entry(name, "", "failed", why)
    return replace(entry, kind="file", fits=False, is_able=False)


def _progress(progress: PullProgress | None) -> Progress | None:
    if progress is None:
        return None
    return Progress(progress.done_bytes, progress.total_bytes, progress.bytes_per_second)
