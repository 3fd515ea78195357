"""Clients that do not give up: they retry, re-join, and keep what they were told."""

import random
import threading
import time
from dataclasses import dataclass, field

import httpx2

from tests.vega_process import Event, VegaProcess

RETRY_SECONDS = 0.05
#: How long a client goes on trying to have one prompt answered.
PATIENCE_SECONDS = 150.0
LONGEST_PAUSE_SECONDS = 2.5
#: How many prompts are streamed, and how many of those are sent again, with their key, when the
#: stream is lost; the others' readers re-join where they were.
STREAMED_SHARE = 0.65
SENT_AGAIN_SHARE = 0.2


@dataclass
class Said:
    """One prompt of a client, and what it was told of it."""

    prompt: str
    key: str
    is_streamed: bool
    is_sent_again: bool
    turn_id: int | None = None
    #: Put together from the pieces alone.
    text: str = ""
    #: As the end told it, in one piece.
    response: str | None = None
    status: str = ""
    last_event_id: str | None = None
    retries: int = 0
    restarts: int = 0

    def take(self, event: Event) -> None:
        self.turn_id = event.data["turn_id"]
        self.last_event_id = event.id
        match event.kind:
            case "turn.delta":
                self.text += event.data["text"]
            case "turn.restarted":
                self.text = event.data["text"]
                self.restarts += 1
            case "turn.completed" | "turn.failed":
                self.response = event.data["response"]
                self.status = event.data["status"]

    def forget(self) -> None:
        self.text = ""
        self.last_event_id = None


@dataclass
class Client:
    """Says one thing after another, in JSON or streamed, until it is told that it is enough."""

    vega: VegaProcess
    name: str
    chance: random.Random
    #: No new prompts; and not even another try.
    is_enough: threading.Event
    is_over: threading.Event
    said: list[Said] = field(default_factory=list)

    def run(self) -> None:
        while not self.is_enough.is_set():
            said = self._next()
            self.said.append(said)
            say = self._stream if said.is_streamed else self._ask
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not said.status:
                try:
                    say(said)
                except httpx2.TransportError:
                    said.retries += 1
                    time.sleep(RETRY_SECONDS)
                    if self.is_over.is_set() or time.monotonic() > deadline:
                        raise
            self.is_enough.wait(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))

    def _next(self) -> Said:
        number = len(self.said) + 1
        return Said(
            prompt=f"Client {self.name} counts {number}.",
            key=f"{self.name}-{number}",
            is_streamed=self.chance.random() < STREAMED_SHARE,
            is_sent_again=self.chance.random() < SENT_AGAIN_SHARE,
        )

    def _ask(self, said: Said) -> None:
        response = self.vega.chat(said.prompt, idempotency_key=said.key)
        assert response.status_code == 200, response.text
        answer = response.json()
        said.turn_id, said.status = answer["turn_id"], answer["status"]
        said.text = said.response = answer["response"]

    def _stream(self, said: Said) -> None:
        if said.turn_id is None or said.is_sent_again:
            said.forget()
            stream = self.vega.events("/api/chat", prompt=said.prompt, idempotency_key=said.key)
        else:
            stream = self.vega.events(
                f"/api/turns/{said.turn_id}/events", last_event_id=said.last_event_id
            )
        with stream as events:
            for event in events:
                said.take(event)


@dataclass
class LifeReader:
    """Follows the whole life, across every death of the server."""

    vega: VegaProcess
    is_over: threading.Event
    accepted: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    #: By turn, put together from the pieces; some are missed while it is away.
    texts: dict[int, str] = field(default_factory=dict)
    responses: dict[int, str] = field(default_factory=dict)
    last_event_id: str = "0"

    def run(self) -> None:
        while not self.is_over.is_set():
            try:
                with self.vega.events("/api/events", last_event_id=self.last_event_id) as events:
                    for event in events:
                        self._take(event)
            except httpx2.TransportError:
                time.sleep(RETRY_SECONDS)

    def _take(self, event: Event) -> None:
        self.last_event_id = event.id
        turn_id = event.data["turn_id"]
        match event.kind:
            case "turn.accepted":
                self.accepted.append(turn_id)
            case "turn.delta":
                self.texts[turn_id] = self.texts.get(turn_id, "") + event.data["text"]
            case "turn.restarted":
                self.texts[turn_id] = event.data["text"]
            case "turn.completed" | "turn.failed":
                self.ended.append(turn_id)
                self.responses[turn_id] = event.data["response"]
