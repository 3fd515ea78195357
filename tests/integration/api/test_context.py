"""What the model saw for an answer, asked for over HTTP."""

from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.clocks import SOME_MOMENT
from tests.integration.api.conftest import Vega, running
from tests.lives import tell, until
from tests.models import SteppedModel
from tests.tiers import put_into
from vega.core.memory import Tier
from vega.errors import AttemptFailed
from vega.llm.base import Ending, Message
from vega.llm.scripted import ScriptedModel

OLD = SOME_MOMENT - timedelta(days=400)


def sent_texts(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """Role and whole text of each message."""
    return [
        (message["role"], "".join(section["text"] for section in message["sections"]))
        for message in shown["messages"]
    ]


async def context_of(client: httpx2.AsyncClient, turn_id: int) -> dict[str, Any]:
    answer = await client.get(f"/api/turns/{turn_id}/context")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def say(client: httpx2.AsyncClient, prompt: str) -> int:
    answer = await client.post("/chat", json={"prompt": prompt})
    turn_id: int = answer.json()["turn_id"]
    return turn_id


@pytest.mark.parametrize("tier", list(Tier))
async def test_what_the_model_saw_is_shown_to_the_letter_whatever_came_after(
    tmp_path: Path, tier: Tier
) -> None:
    async with running(tmp_path, model=ScriptedModel(is_able=True)) as vega:
        store = vega.life.store
        old = await tell(store, "The boiler leaks again, says Bob.", "Call him.", at=OLD)
        recent = [await tell(store, f"Hi {number}", "Hello!") for number in range(60)]
        vega.life.clock.advance(hours=3)
        async with vega.client() as client:
            turn_id = await say(client, "What did I say about the boiler?")
            sent = [(each.role, each.content) for each in vega.life.model.calls[-1]]

            # The same turns are asked again, more is said, some of it long ago, and all is moved.
            again = await store.ask_again(recent[-1].id)
            vega.life.live_turns.add(again)
            await say(client, "My name is Ana")
            await tell(store, "An import", "of old", at=OLD + timedelta(days=399, hours=23))
            await put_into(store, tier, [old.id, *(turn.id for turn in recent[:-1]), turn_id])
            shown = await context_of(client, turn_id)

        assert sent_texts(shown) == sent
        assert (shown["model"], shown["sent_to"]) == ("scripted", "this machine")
        assert shown["answer"] == 1
        names = [section["name"] for each in shown["messages"] for section in each["sections"]]
        assert names[0] == "instructions"
        assert names[-2:] == ["recall", "prompt"]
        assert shown["messages"][-2]["turn_id"] == recent[-1].id


async def test_the_sections_have_their_names(tmp_path: Path) -> None:
    async with running(tmp_path, model=ScriptedModel(is_able=True)) as vega:
        async with vega.client() as client:
            await say(client, "My favorite color is blue")
            await say(client, "Always answer in metric units")
            # Facts are renewed when the window hops; a fresh one has them.
            await vega.life.store.facts.pin(1, True)
            shown = await context_of(client, await say(client, "Hello"))

        first = [section["name"] for section in shown["messages"][0]["sections"]]
        assert first[0] == "instructions"
        assert "facts" in first
        assert [each["role"] for each in shown["messages"][1:3]] == ["user", "assistant"]


async def test_of_an_answer_from_the_store_no_model_saw_anything(
    client: httpx2.AsyncClient,
) -> None:
    shown = await context_of(client, await say(client, "My favorite color is blue"))

    assert (shown["model"], shown["sent_to"], shown["messages"]) == (None, None, [])
    assert shown["note"].startswith("No model saw anything")


async def test_of_an_imported_answer_nothing_was_kept(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    turn = await tell(vega.life.store)

    answer = await client.get(f"/api/turns/{turn.id}/context")

    assert (answer.status_code, answer.json()["code"]) == (404, "context_not_kept")


async def test_an_unknown_turn_has_no_context(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/turns/99/context")

    assert (answer.status_code, answer.json()["code"]) == (404, "turn_not_found")


async def test_what_was_forgotten_since_is_not_shown(tmp_path: Path) -> None:
    async with running(tmp_path, model=ScriptedModel(is_able=True)) as vega:
        store = vega.life.store
        old = await tell(store, "The boiler leaks again, says Bob.", "Call him.", at=OLD)
        for number in range(60):
            await tell(store, f"Hi {number}", "Hello!")
        secret = await tell(store, "My neighbour is Zyx", "I see, Zyx.")
        vega.life.clock.advance(hours=3)
        async with vega.client() as client:
            turn_id = await say(client, "What did I say about the boiler?")
            before = await context_of(client, turn_id)
            for gone in (old.id, secret.id):
                asked = await client.post("/api/forget", json={"turn_id": gone})
                body = {"turn_id": gone, "confirm": asked.json()["confirm"]}
                (await client.post("/api/forget", json=body)).raise_for_status()
            shown = await context_of(client, turn_id)

        texts = "\n".join(text for _, text in sent_texts(before))
        assert "Zyx" in texts
        assert "leaks" in texts
        texts = "\n".join(text for _, text in sent_texts(shown))
        assert "Zyx" not in texts
        assert "leaks" not in texts
        assert "[forgotten]" in texts


class BreakingModel(ScriptedModel):
    """Its first stream ends in the middle."""

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        async for item in super().stream(messages, max_tokens):
            yield item
            if len(self.calls) == 1 and "word3" in str(item):
                raise AttemptFailed("It broke.")


async def test_an_answer_that_was_continued_shows_the_part_that_was_given(tmp_path: Path) -> None:
    async with running(tmp_path, model=BreakingModel()) as vega, vega.client() as client:
        turn_id = await say(client, "Tell me about the moon")
        sent = [(each.role, each.content) for each in vega.life.model.calls[-1]]

        shown = await context_of(client, turn_id)

        assert sent[-1][0] == "assistant"
        assert sent_texts(shown) == sent


async def test_of_a_stopped_answer_it_is_shown_too(tmp_path: Path) -> None:
    model = SteppedModel()
    async with running(tmp_path, model=model) as vega, vega.client() as client:
        turn = await vega.life.say("Tell me about the moon")
        model.step(2)
        live = vega.life.live_turns.find(turn.id)
        assert live is not None
        await until(lambda: live.text)
        await vega.life.assistant.stop(turn.id)

        shown = await context_of(client, turn.id)

        assert shown["messages"][-1]["sections"][-1]["name"] == "prompt"
