"""The models whose files lie on this machine, or are on their way to it.

What is there and what is known of it; which of them answers is `vega.llm.choice`'s to say.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from vega.errors import ModelFileRefused, ModelNotFound
from vega.llm import catalogue
from vega.llm.builtin import BuiltInModel
from vega.llm.catalogue import SMOLLM2_135M, CatalogueModel
from vega.llm.download import ModelFiles, Progress
from vega.llm.gguf_file import local_model, read_header
from vega.llm.hardware import Machine, probe
from vega.llm.hub import size_of
from vega.llm.pulls import Pulls

#: What a model's window may take of the RAM that the model leaves.
CACHE_SHARE = 0.5
_MEGABYTE = 1_000_000


class Shelf:
    """The folder of models, this machine, and the downloads into the one for the other."""

    def __init__(
        self, models_folder: Path, cache_folder: Path, hub_url: str, on_progress: Progress
    ) -> None:
        """Reads and starts nothing yet."""
        self._folder = models_folder
        #: What models have read of the prompt is saved there.
        self.cache_folder = cache_folder
        self._hub_url = hub_url
        self._on_progress = on_progress
        self.files = ModelFiles(models_folder, hub_url)
        #: Called when a model has come.
        self.on_arrival: Callable[[], None] = lambda: None
        self.pulls = Pulls(self.files, catalogue.CATALOGUE, on_done=lambda _: self.on_arrival())
        #: None until it is known.
        self.machine: Machine | None = None
        #: The owner's own files that can be run, and why others cannot, by their names.
        self.own: list[CatalogueModel] = []
        self.refused: dict[str, str] = {}
        self._is_started = False
        #: Files of known models by their size when they were checked: one may still be copied.
        self._checked: set[tuple[str, int]] = set()

    async def start(self) -> None:
        """Look at the machine, and go on with downloads; once."""
        if not self._is_started:
            self._is_started = True
            await self.pulls.resume()
        await self.know_machine()

    async def know_machine(self) -> Machine:
        """What this machine can run, looked at once."""
        if self.machine is None:
            self.machine = await probe()
        return self.machine

    async def close(self) -> None:
        await self.pulls.close()

    async def look(self) -> None:
        """Read the folder. A known model's file that somebody put there is checked."""
        self.own, self.refused = await asyncio.to_thread(self._read_folder)
        for model in catalogue.CATALOGUE:
            # One that cannot be read is as good as absent; fetching it will say why.
            with suppress(OSError):
                seen = model.id, size_of(self.files.path(model))
                if seen[1] and seen not in self._checked and not self.files.is_here(model):
                    self._checked.add(seen)
                    await self.files.is_whole(model)

    async def find(self, name: str) -> CatalogueModel:
        """The chat model of that id, or in that file. Raises ModelNotFound, ModelFileRefused."""
        known = catalogue.find(name)
        if known is not None and known.kind == "chat":
            return known
        return await asyncio.to_thread(self._own_file, name)

    def why_absent(self, model: CatalogueModel) -> str:
        """That it is not here, and how far it is, in a sentence."""
        progress = self.pulls.progress(model)
        if progress is None or progress.state in ("paused", "done"):
            return f"{model.id} is not here yet; `vega model pull {model.id}` fetches it."
        if progress.error:
            return f"{model.id} is not here yet: {progress.error}"
        return f"{model.id} is being fetched."

    async def ranked(self) -> list[CatalogueModel]:
        """What can be run without asking anybody, the best first; the starter model last, which is
        fetched where it is not here."""
        others = (model for model in catalogue.CATALOGUE if model.id != SMOLLM2_135M.id)
        known = [model for model in others if self.files.is_here(model)]
        left = [model for model in (*known, *self.own) if model.kind == "chat"]
        found: list[CatalogueModel] = []
        machine = await self.know_machine() if left else None
        while machine and (best := catalogue.best_for(machine, left)):
            found.append(best)
            left.remove(best)
        return [*found, SMOLLM2_135M]

    def connector(
        self, model: CatalogueModel, *, context_tokens: int | None, is_able: bool | None
    ) -> BuiltInModel:
        """Runs the model once it is started, with the window and the trust that the owner set."""
        if context_tokens is not None:
            window = min(context_tokens, self._widest(model))
            model = replace(
                model,
                context_tokens=window,
                answer_tokens=min(model.answer_tokens, window // 2),
            )
        if is_able is not None:
            model = replace(model, is_able=is_able)
        return BuiltInModel(
            self._folder,
            self.cache_folder,
            model,
            hub_url=self._hub_url,
            on_progress=self._on_progress,
        )

    def _widest(self, model: CatalogueModel) -> int:
        """The widest window that the model knows and for which there is RAM."""
        try:
            header = read_header(self.files.path(model))
        except (ModelFileRefused, OSError):
            return model.context_tokens
        free_mb = (self.machine.ram_mb if self.machine else 0) - model.ram_mb
        room = int(free_mb * _MEGABYTE * CACHE_SHARE) // max(1, header.cache_bytes_per_token)
        return max(model.context_tokens, min(header.context_tokens, room))

    def _own_file(self, name: str) -> CatalogueModel:
        path = self._folder / Path(name).expanduser()
        if not name.lower().endswith(".gguf") or not path.is_file():
            raise ModelNotFound(name)
        return local_model(path)

    def _read_folder(self) -> tuple[list[CatalogueModel], dict[str, str]]:
        known = {model.file_name for model in catalogue.CATALOGUE}
        own, refused = [], {}
        for path in sorted(self._folder.glob("*.gguf")):
            if path.name in known:
                continue
            try:
                own.append(local_model(path))
            except (ModelFileRefused, OSError) as error:
                refused[path.name] = str(error)
        return own, refused
