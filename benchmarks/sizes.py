"""How much is measured: the full form, and a short one for CI."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """The extent of every measurement."""

    #: Lengths of the lives in which turns are timed; the first is the one compared with.
    lives: tuple[int, ...]
    #: Timed requests in each of them.
    requests: int
    #: Made through POST /chat, one after the other; memory is read at each of these counts.
    memory_turns: tuple[int, ...]
    #: For how long an idle process is watched.
    idle_seconds: float
    #: Starts of each kind.
    starts: int
    #: Starts with the built-in host.
    host_starts: int
    #: Pairs of first events, through Vega and straight from the host.
    first_events: int
    #: Lengths of the lives that are grown through all tiers; the last is measured closely.
    long_lives: tuple[int, ...]
    #: That a cleanup has to move while others talk.
    waiting_turns: int
    #: Messages of the lives that are asked; the first is the one compared with.
    recalls: tuple[int, ...]
    #: How many pieces of messages are searched by meaning.
    vectors: tuple[int, ...]


SIZES = {
    "full": Size(
        lives=(200, 1_000, 10_000),
        requests=500,
        memory_turns=(1_000, 2_000, 4_000, 6_000, 8_000, 10_000),
        idle_seconds=60.0,
        starts=11,
        host_starts=5,
        first_events=30,
        long_lives=(100, 10_000, 100_000),
        waiting_turns=5_000,
        recalls=(6_000, 50_000, 1_000_000),
        vectors=(6_000, 50_000, 1_000_000),
    ),
    "ci": Size(
        lives=(200, 1_000, 10_000),
        requests=150,
        memory_turns=(250, 500),
        idle_seconds=15.0,
        starts=4,
        host_starts=2,
        first_events=8,
        long_lives=(100, 1_000),
        waiting_turns=800,
        recalls=(6_000, 50_000),
        vectors=(6_000, 100_000),
    ),
}
