"""How many tokens a text is: by the model's own tokenizer, or estimated and then corrected."""

from collections import OrderedDict

from vega.llm.base import Connector

#: Before anything was learnt: a little less than English prose has, so that nothing overflows.
FIRST_BYTES_PER_TOKEN = 3.5
#: What is reported beyond these is no measure: some servers count only what was not cached.
LEAST_BYTES_PER_TOKEN = 1.0
MOST_BYTES_PER_TOKEN = 8.0
#: How much one answer's reported usage moves the estimate.
LEARNING_RATE = 0.2
REMEMBERED_TEXTS = 1_000


class TokenCounter:
    """Counts for one model."""

    def __init__(self, connector: Connector) -> None:
        #: The way to the model now; what was learnt of it outlives a connection.
        self.connector = connector
        self._bytes_per_token = FIRST_BYTES_PER_TOKEN
        #: By hash and length, since the texts themselves may be long.
        self._known: OrderedDict[tuple[int, int], int] = OrderedDict()

    async def count(self, text: str) -> int:
        """Raises ModelUnavailable when the tokenizer is a server's and nobody answers there."""
        key = hash(text), len(text)
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        counted = await self.connector.count_tokens(text)
        if counted is None:
            return self._estimate(text)
        self.remember(text, counted)
        return counted

    def remember(self, text: str, counted: int) -> None:
        """The model itself has said how many tokens this text is."""
        self._known[hash(text), len(text)] = counted
        if len(self._known) > REMEMBERED_TEXTS:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Let go of the counts of texts; what was learnt of the model stays."""
        self._known.clear()

    def learn(self, sent_bytes: int, reported_tokens: int) -> None:
        """The server has said how many tokens a whole prompt was."""
        if reported_tokens > 0:
            measured = sent_bytes / reported_tokens
            measured = min(max(measured, LEAST_BYTES_PER_TOKEN), MOST_BYTES_PER_TOKEN)
            self._bytes_per_token += LEARNING_RATE * (measured - self._bytes_per_token)

    def _estimate(self, text: str) -> int:
        return int(len(text.encode()) / self._bytes_per_token) + 1
