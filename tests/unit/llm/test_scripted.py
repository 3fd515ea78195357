"""The scripted model is used in long-running processes too."""

from vega.llm.base import Message
from vega.llm.scripted import KEPT_CALLS, ScriptedModel


async def test_it_does_not_grow_with_the_prompts_that_it_was_sent() -> None:
    model = ScriptedModel()

    for number in range(KEPT_CALLS + 5):
        async for _ in model.stream([Message("user", f"[now] Say {number}")], 100):
            pass

    assert len(model.calls) == KEPT_CALLS
    assert model.calls[-1] == (Message("user", f"[now] Say {KEPT_CALLS + 4}"),)
