"""A load: four clients that say things, two that follow the life, one that reads."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from torture.clients import (
    Account,
    Asking,
    Client,
    Door,
    Follower,
    Page,
    Reader,
    Said,
    Streaming,
)

KINDS = (Streaming, Streaming, Asking)
FOLLOWERS = 2
#: After a calamity each client says so many more things, and each follower hears of more.
STEADY_PROMPTS = 2
STEADY_SECONDS = 120.0
END_SECONDS = 240.0
PAGE_OF_HISTORY = 200


@dataclass
class Seen:
    """What the clients met between two moments."""

    refused: int = 0
    broken: int = 0
    failures: Counter[int] = field(default_factory=Counter)
    #: The longest that the reader waited to be served, and a prompt to be accepted, in seconds.
    outage: float = 0.0
    slowest_accepted: float = 0.0
    slowest_answered: float = 0.0
    prompts: int = 0

    def __str__(self) -> str:
        codes = ", ".join(f"{code} x{count}" for code, count in sorted(self.failures.items()))
        return (
            f"served after {self.outage:.2f} s, slowest accepted {self.slowest_accepted:.2f} s, "
            f"answered {self.slowest_answered:.2f} s; {self.prompts} prompts, refused "
            f"{self.refused}, broken {self.broken}, failed {codes or 'none'}"
        )


class Load:
    """Runs from `with` to its end; `settle` and `end` may be called meanwhile."""

    def __init__(self, name: str, door: Door, prompts: Callable[[str, int], str]) -> None:
        """`prompts` gives what a client says as its nth: never the same twice."""
        self.account = Account()
        self._door = door
        self._is_enough, self._is_over = threading.Event(), threading.Event()
        self.followers = [
            Follower(f"follower {n}", door, self.account, self._is_over) for n in range(FOLLOWERS)
        ]
        shared = (door, self.account, prompts, self._is_enough)
        self.clients: list[Client] = [
            *(kind(f"{name}-{letter}", *shared) for kind, letter in zip(KINDS, "abc", strict=True)),
            Page(f"{name}-page", *shared, self.followers[0]),
        ]
        self._talkers = [threading.Thread(target=self._guarded, args=(c,)) for c in self.clients]
        listeners = [*self.followers, Reader(door, self.account, self._is_over)]
        self._listeners = [threading.Thread(target=self._guarded, args=(c,)) for c in listeners]
        self._base = Account()
        self._since = time.monotonic()

    def __enter__(self) -> "Load":
        for thread in (*self._talkers, *self._listeners):
            thread.daemon = True
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_enough.set()
        self._is_over.set()

    def begin(self) -> float:
        """From here on `seen` counts anew; the moment."""
        account = self.account
        with account.lock:
            self._base = Account(account.refused, account.broken, Counter(account.failures))
        self._since = time.monotonic()
        return self._since

    def settle(self) -> list[str]:
        """Waits until everybody goes on; who does not, in words."""
        since = time.monotonic()
        heard = {each.name: len(each.accepted) for each in self.followers}
        while time.monotonic() - since < STEADY_SECONDS:
            late = [
                client.name
                for client in self.clients
                if sum(said.began > since for said in client.finished) < STEADY_PROMPTS
            ]
            late += [one.name for one in self.followers if len(one.accepted) <= heard[one.name]]
            if not late:
                return []
            time.sleep(0.05)
        return [f"{name} does not go on" for name in late]

    def seen(self) -> Seen:
        """What was met since `begin`."""
        account, base = self.account, self._base
        with account.lock:
            seen = Seen(
                account.refused - base.refused,
                account.broken - base.broken,
                account.failures - base.failures,
            )
        reads = [read for read in account.reads if read.served > self._since]
        seen.outage = max((read.served - read.began for read in reads), default=0.0)
        done = [s for c in self.clients for s in c.finished if s.ended > self._since]
        seen.prompts = len(done)
        # A program's request hears of its acceptance together with its answer.
        waits = [s.accepted - s.began for s in done if s.accepted < s.ended]
        seen.slowest_accepted = max(waits, default=0.0)
        seen.slowest_answered = max((s.ended - s.began for s in done), default=0.0)
        return seen

    def served_again(self, since: float, patience_seconds: float) -> float:
        """Seconds from then until a request begun later was served. Raises TimeoutError."""
        place = len(self.account.reads)
        while time.monotonic() < since + patience_seconds:
            for read in self.account.reads[place:]:
                if read.tried >= since:
                    return read.served - since
            time.sleep(0.01)
        raise TimeoutError(f"nobody was served for {patience_seconds:.0f} s")

    def end(self) -> list[str]:
        """Has everybody finish, and holds it all against the life; what is not as it must be."""
        self._is_enough.set()
        deadline = time.monotonic() + END_SECONDS
        for thread in self._talkers:
            thread.join(max(0.0, deadline - time.monotonic()))
        wrong = [f"{t.name} hangs" for t in self._talkers if t.is_alive()]
        # In this thread the machine's network is not entered.
        judging = threading.Thread(target=lambda: wrong.extend(self._judge(deadline)))
        judging.start()
        judging.join()
        self._is_over.set()
        return [*self.account.wrong, *wrong]

    @property
    def said(self) -> list[Said]:
        return [said for client in self.clients for said in client.said]

    def _judge(self, deadline: float) -> list[str]:
        self._door.enter()
        wanted = {said.turn_id for said in self.said}
        while time.monotonic() < deadline:
            if all(wanted <= set(each.ended) for each in self.followers):
                break
            time.sleep(0.1)
        wrong = []
        for each in self.followers:
            for name, heard in (("accepted", each.accepted), ("ended", each.ended)):
                missed = wanted - set(heard)
                twice = [turn for turn, count in heard.items() if count > 1]
                wrong += [f"{each.name} never heard that turn {turn} {name}" for turn in missed]
                wrong += [f"{each.name} heard twice that turn {turn} {name}" for turn in twice]
        return [*wrong, *self._lost_or_doubled()]

    def _lost_or_doubled(self) -> list[str]:
        life = read_history(self._door)
        by_id = {turn["id"]: turn for turn in life}
        counts = Counter(turn["prompt"] for turn in life)
        wrong = []
        for said in self.said:
            turn = by_id.get(said.turn_id)
            if turn is None or turn["prompt"] != said.prompt:
                wrong.append(f"lost: {said.key} as turn {said.turn_id}")
            elif said.response and turn["response"] != said.response:
                wrong.append(f"lost: {said.key} was told another answer than turn {said.turn_id}'s")
            if counts[said.prompt] > 1:
                wrong.append(f"doubled: {said.key}, {counts[said.prompt]} times")
        return wrong

    def _guarded(self, client: Client | Follower | Reader) -> None:
        try:
            client.run()
        except Exception as exc:  # noqa: BLE001
            self.account.note_wrong(f"{client.name} fell over: {exc!r}")


def read_history(door: Door) -> list[dict[str, Any]]:
    """Every turn of the life, newest first. Raises Answered."""
    turns: list[dict[str, Any]] = []
    before: str | None = None
    while True:
        path = f"/history?limit={PAGE_OF_HISTORY}" + (f"&before={before}" if before else "")
        page = door.ask("GET", path)
        turns += page["turns"]
        before = page["next_before"]
        if before is None:
            return turns
