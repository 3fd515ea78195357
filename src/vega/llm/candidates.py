"""One model that may answer: how it is reached, and how it has done lately."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from vega.errors import AttemptFailed, ModelError, ModelLoading, ModelRefused, ModelUnavailable
from vega.llm.base import Connector, ModelProfile
from vega.llm.builtin import BuiltInModel
from vega.llm.catalogue import CatalogueModel
from vega.llm.hardware import resident_bytes
from vega.llm.openai import OpenAIModel
from vega.llm.served import ServedModel

log = logging.getLogger(__name__)

#: How long one that failed is put aside, doubled with each failure in a row.
FIRST_ASIDE_SECONDS = 5.0
#: One that is there and gives no answer will hardly do better so soon.
FIRST_BAD_ASIDE_SECONDS = 60.0
LONGEST_ASIDE_SECONDS = 300.0
#: What the owner chose is waited for at its first failure: a restart of Ollama takes seconds.
PATIENCE_SECONDS = 3.0


class Candidate:
    """A model in the list of those that may answer."""

    def __init__(
        self,
        model_id: str,
        where: str,
        make: Callable[[], Connector] | None,
        *,
        served: ServedModel | None = None,
        model: CatalogueModel | None = None,
        missing: ModelUnavailable | None = None,
    ) -> None:
        """Connects to nothing yet. Without `make` it is not there, and `missing` says why."""
        self.id = model_id
        #: As in a sentence: "on this machine".
        self.where = where
        #: Set where a server that was found offers it, or where a process of ours runs it.
        self.served = served
        self.model = model
        #: Whether the owner chose it.
        self.is_owners = False
        #: Why it did not answer last time.
        self.error: ModelError | None = missing
        #: When an attempt was last given to it, in the event loop's time.
        self.chosen_at = float("-inf")
        self._missing = missing
        self._make = make
        self._connector: Connector | None = None
        #: What it is, while it sleeps.
        self._asleep: ModelProfile | None = None
        self._failures = 0
        self._aside_until = float("-inf")
        self._was_waited_for = False

    def __str__(self) -> str:
        return f"{self.id} {self.where}".strip()

    @property
    def is_missing(self) -> bool:
        return self._make is None

    @property
    def is_aside(self) -> bool:
        return _now() < self._aside_until

    @property
    def is_running(self) -> bool:
        """Whether a process of ours runs it, or begins to."""
        return isinstance(self._connector, BuiltInModel) and self._connector.is_started

    @property
    def is_asleep(self) -> bool:
        """Whether it was ended to give its RAM back, and waits for the next turn to be loaded."""
        return self._asleep is not None

    @property
    def is_idle(self) -> bool:
        """Whether a process of ours runs it that serves, and is asked nothing."""
        connector = self._connector
        return isinstance(connector, BuiltInModel) and connector.host.is_idle

    def connector(self) -> Connector:
        """Raises ModelUnavailable where it is not there."""
        if self._make is None:
            raise ModelUnavailable(str(self._missing))
        if self._connector is None:
            self._connector = self._make()
        return self._connector

    def reaches(self, connector: Connector) -> bool:
        """Whether this connector is the way to it now, and not one of an earlier life of it."""
        return self._connector is connector

    async def profile(self) -> ModelProfile:
        """What it is, which one that sleeps knows too. Raises ModelUnavailable."""
        return self._asleep or await self.connector().profile()

    async def ask(self, *, is_last: bool) -> ModelProfile:
        """What it is, if it can answer now; a model on this machine is started.

        What the owner chose is given a moment, once, unless it is the last that there is.
        Raises ModelUnavailable.
        """
        self._asleep = None
        connector = self.connector()
        if isinstance(connector, BuiltInModel):
            await connector.start()
        elif isinstance(connector, OpenAIModel) and not self.is_owners:
            connector.forget_profile()
        may_wait = self.is_owners and not is_last and not self._was_waited_for
        if not may_wait:
            return await connector.profile()
        try:
            if isinstance(self.error, ModelUnavailable):
                # So the last attempt ended, whatever the server says of itself now.
                raise self.error
            return await connector.profile()
        except ModelUnavailable:
            self._was_waited_for = True
            if isinstance(connector, BuiltInModel):
                await connector.host.wait_until_settled(PATIENCE_SECONDS)
            else:
                await connector.wait_until_available(PATIENCE_SECONDS)
            return await connector.profile()

    async def wait(self, timeout_seconds: float, *, is_last: bool) -> bool:
        """Wait until it is worth asking again; False when time is up, or there is none to ask."""
        answers_badly = self.is_aside and isinstance(self.error, AttemptFailed)
        if self.is_missing or answers_badly or (self.model and not self.is_running):
            return False
        connector = self.connector()
        if isinstance(connector, BuiltInModel) and not is_last:
            # One that fails to load makes room for the next.
            return await connector.host.wait_until_settled(timeout_seconds)
        return await connector.wait_until_available(timeout_seconds)

    def choose(self) -> None:
        """An attempt is given to it."""
        self.chosen_at = _now()

    def succeed(self) -> None:
        self.error = None
        self._failures = 0
        self._aside_until = float("-inf")
        self._was_waited_for = False

    def recall(self) -> None:
        """It is worth asking again."""
        self._aside_until = float("-inf")

    def forgive(self) -> None:
        """It is there again; one that was there and answered nonsense stays aside."""
        if isinstance(self.error, ModelUnavailable):
            self._aside_until = float("-inf")

    def fails_first(self, error: ModelError) -> bool:
        """Whether this is the first failure in a row, which what the owner chose is forgiven."""
        is_first = self.is_owners and self.error is None
        self.error = error
        return is_first

    def put_aside(self, error: ModelError) -> None:
        self.error = error
        is_away = isinstance(error, ModelUnavailable)
        first = FIRST_ASIDE_SECONDS if is_away else FIRST_BAD_ASIDE_SECONDS
        pause = min(LONGEST_ASIDE_SECONDS, first * 2**self._failures)
        self._failures += 1
        self._aside_until = _now() + pause
        # By its kind alone: a server's words may hold what the owner said.
        log.warning("%s failed (%s), and is asked again in %.0f s.", self, _kind(error), pause)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold this between several requests, so that it is not put to sleep."""
        connector = self.connector()
        if not isinstance(connector, BuiltInModel):
            yield
            return
        with connector.host.in_use():
            yield

    async def sleep(self) -> int:
        """End its process, which is idle, until it is asked again; its cache is saved.

        How many bytes of RAM the process had.
        """
        connector = self.connector()
        profile = await connector.profile()
        process_id = connector.host.process_id if isinstance(connector, BuiltInModel) else None
        had_bytes = resident_bytes(process_id) if process_id else 0
        self._asleep = replace(profile, is_asleep=True)
        await self.close()
        log.info("%s sleeps until the next turn.", self)
        return had_bytes

    async def forget_cache(self) -> None:
        """Nothing of what its process has read is left."""
        connector = self.connector()
        if isinstance(connector, BuiltInModel):
            await connector.host.forget_cache()

    async def close(self) -> None:
        """Let go of the connection or end the process; a later `ask` begins anew."""
        connector, self._connector = self._connector, None
        if connector is not None:
            await connector.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _kind(error: ModelError) -> str:
    return type(error).__name__


def note_of(missed: Candidate, answering: Candidate) -> str:
    """That another model than the usual one answered, in a sentence for the owner."""
    match missed.error:
        case ModelLoading():
            return f"{missed} is still loading, so {answering} answered."
        case ModelRefused():
            return f"{missed} refused, so {answering} answered."
        case AttemptFailed():
            return f"{missed} gave no whole answer, so {answering} answered."
        case _ if missed.is_missing:
            return f"{missed.id} is not there, so {answering} answered."
        case _:
            return f"{missed} did not answer, so {answering} did."
