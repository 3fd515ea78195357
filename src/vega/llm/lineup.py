"""The ordered list of those that may answer, as the settings, servers and files make it.

First what the owner chose; then what each model server on this machine has that answers; then the
files that are here, the best first; last the starter model. Which of them answers a turn is for
`vega.llm.choice` to say.
"""

import asyncio
from dataclasses import dataclass

from vega.errors import ModelFileRefused, ModelNotFound, ModelUnavailable
from vega.llm.base import Connector, without_credentials
from vega.llm.candidates import Candidate
from vega.llm.catalogue import CatalogueModel
from vega.llm.openai import OpenAIModel, Timeouts
from vega.llm.served import ServedModel
from vega.llm.servers import ModelServers
from vega.llm.shelf import Shelf

#: How long a server that was found may take to say what it is.
ASK_SECONDS = 2.0

SERVED_NAMES = {"ollama": "Ollama", "lmstudio": "LM Studio", "llamacpp": "llama.cpp server"}
SERVED_PREFIXES = tuple(f"{kind}:" for kind in SERVED_NAMES)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the owner has set about models."""

    #: An id, or a file; empty: the best that is there.
    model: str = ""
    #: A model server in the OpenAI format, which goes before `model`.
    url: str = ""
    name: str = ""
    key: str | None = None
    context_tokens: int | None = None
    is_able: bool | None = None
    falls_back: bool = True

    @property
    def is_automatic(self) -> bool:
        return not (self.model or self.url)


class Lineup:
    """The candidates of one Vega, in order."""

    def __init__(
        self,
        wishes: Wishes,
        servers: ModelServers,
        shelf: Shelf,
        only: Connector | None = None,
    ) -> None:
        """Asks nobody yet. With `only` that one answers, or none."""
        self.wishes = wishes
        self.shelf = shelf
        self._servers = servers
        self._only = Candidate("scripted", "", lambda: only) if only else None
        self.candidates: list[Candidate] = [self._only] if self._only else []
        #: What answered until the owner chose another, for as long as that one has not.
        self.before: Candidate | None = None
        #: What each server said when it last answered, by its address.
        self.served: dict[str, list[ServedModel]] = {}
        #: Those that answered the last look.
        self.answering: frozenset[str] = frozenset()
        #: When that was, in the event loop's time.
        self.looked_at = float("-inf")
        self._known: dict[tuple[object, ...], Candidate] = {}

    @property
    def can_grow(self) -> bool:
        """Whether a model that comes could be used."""
        return self._only is None and (self.wishes.falls_back or self.wishes.is_automatic)

    async def look(self) -> None:
        """See what the servers and the folder of models have now."""
        if self._only:
            return
        wants_servers = self.wishes.falls_back or not self.wishes.url
        look = self._servers.look(self.wishes.model) if wants_servers else _nothing()
        found, _ = await asyncio.gather(look, self.shelf.look())
        self.answering = frozenset(models[0].server for models in found)
        self.served |= {models[0].server: models for models in found}
        self.looked_at = asyncio.get_running_loop().time()
        await self.arrange()
        for candidate in self.candidates:
            if candidate.served and candidate.served.server in self.answering:
                candidate.forgive()

    async def arrange(self) -> None:
        """Who may answer, in order."""
        if self._only:
            return
        owners = await self._owners()
        order = [owners] if owners else []
        if self.wishes.falls_back or owners is None:
            order += [self.before] if self.before else []
            order += self._found(owners)
            order += [self._local(model, owners) for model in await self.shelf.ranked()]
        for candidate in self._known.values():
            candidate.is_owners = candidate is owners
        # The same model twice, as the owner's choice and as the best, stands where it comes first.
        self.candidates = list(dict.fromkeys(order))

    async def _owners(self) -> Candidate | None:
        """What the owner chose, there or not; None where the best is to be found."""
        wishes = self.wishes
        if wishes.url:
            return self._remote()
        if not wishes.model:
            return None
        if wishes.model.startswith(SERVED_PREFIXES):
            for served in (model for models in self.served.values() for model in models):
                if served.id == wishes.model.removesuffix(":latest"):
                    return self._served(served, is_wanted=True)
            kind, _, name = wishes.model.partition(":")
            return self._missing(f"No {SERVED_NAMES[kind]} answers here that has {name}.")
        try:
            model = await self.shelf.find(wishes.model)
        except (ModelNotFound, ModelFileRefused) as error:
            return self._missing(str(error))
        if not self.shelf.files.is_here(model):
            return self._missing(self.shelf.why_absent(model))
        return self._local(model, None)

    def _remote(self) -> Candidate:
        wishes = self.wishes
        address = without_credentials(wishes.url)
        return self._candidate(
            ("url", wishes.url, wishes.name),
            Candidate(
                wishes.name or address,
                f"at {address}" if wishes.name else "",
                lambda: OpenAIModel(
                    wishes.url,
                    wishes.name,
                    wishes.key,
                    context_tokens=wishes.context_tokens,
                    is_able=wishes.is_able,
                ),
            ),
        )

    def _found(self, owners: Candidate | None) -> list[Candidate]:
        """Of each server its best model, but for the owner's choice, which has its place already,
        and for those through which what is said would leave this machine."""
        chosen = owners.served if owners else None
        found = []
        for models in self.served.values():
            home = (model for model in models if model.runs_at is None)
            best = next((m for m in home if not chosen or m.id != chosen.id), None)
            if best is not None:
                found.append(self._served(best, is_wanted=self.wishes.is_automatic))
        return found

    def _served(self, model: ServedModel, *, is_wanted: bool) -> Candidate:
        wishes = self.wishes
        window = (wishes.context_tokens if is_wanted else None) or model.context_tokens
        is_able = wishes.is_able if is_wanted else None
        return self._candidate(
            ("served", model.id, model.server, window, is_able),
            _served_candidate(model, window, is_able),
        )

    def _local(self, model: CatalogueModel, owners: Candidate | None) -> Candidate:
        if owners is not None and owners.model and owners.model.id == model.id:
            return owners
        wishes = self.wishes
        # What the owner says of the model, they say of the one that they chose.
        is_meant = wishes.is_automatic or owners is None
        window = wishes.context_tokens if is_meant else None
        is_able = wishes.is_able if is_meant else None
        return self._candidate(
            ("local", model.id, model.file_name, window, is_able),
            self._local_candidate(model, window, is_able),
        )

    def _local_candidate(
        self, model: CatalogueModel, window: int | None, is_able: bool | None
    ) -> Candidate:
        return Candidate(
            model.id,
            "on this machine",
            lambda: self.shelf.connector(model, context_tokens=window, is_able=is_able),
            model=model,
        )

    def _missing(self, reason: str) -> Candidate:
        name = self.wishes.model
        missing = Candidate(name, "", None, missing=ModelUnavailable(reason))
        return self._candidate(("missing", name, reason), missing)

    def _candidate(self, key: tuple[object, ...], fresh: Candidate) -> Candidate:
        """The one that is known by that key, with what is remembered of how it did."""
        known = self._known.setdefault(key, fresh)
        known.served = fresh.served
        return known

    async def find(self, model_id: str) -> Candidate:
        """Any model that there is, on the list or not; one that is not is the caller's to close.

        Raises ModelNotFound, ModelUnavailable.
        """
        for candidate in self.candidates:
            if candidate.id == model_id:
                return candidate
        for model in (model for models in self.served.values() for model in models):
            if model.id == model_id.removesuffix(":latest"):
                return _served_candidate(model, model.context_tokens, None)
        found = await self.shelf.find(model_id)
        if not self.shelf.files.is_here(found):
            raise ModelUnavailable(self.shelf.why_absent(found))
        return self._local_candidate(found, None, None)

    def running(self) -> list[Candidate]:
        """Those that a process of ours runs."""
        return [candidate for candidate in self._known.values() if candidate.is_running]

    def drop(self) -> list[Candidate]:
        """Forgets those that are on the list no more; they are to be closed."""
        keys = [key for key, each in self._known.items() if each not in self.candidates]
        return [self._known.pop(key) for key in keys]

    async def close(self) -> None:
        candidates = {*self._known.values(), *self.candidates}
        await asyncio.gather(*(candidate.close() for candidate in candidates))


def _served_candidate(model: ServedModel, window: int, is_able: bool | None) -> Candidate:
    def connect() -> OpenAIModel:
        return OpenAIModel(
            model.server,
            model.name,
            context_tokens=window,
            is_able=is_able,
            place=model.runs_at,
            timeouts=Timeouts(connect_seconds=ASK_SECONDS, ask_seconds=ASK_SECONDS),
        )

    return Candidate(model.id, f"at {model.server}", connect, served=model)


async def _nothing() -> list[list[ServedModel]]:
    return []
