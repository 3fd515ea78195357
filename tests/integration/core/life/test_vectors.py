"""Vectors are found as a plain comparison of all of them finds them, and none outlives its end."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from vega.core.life import vectors as module
from vega.core.life.vector_codes import Floats
from vega.core.life.vector_file import VectorFile
from vega.core.life.vectors import VectorRecord, Vectors

DIMENSION = 384
MODEL = "a model 1234"
#: What four bits a component make of a cosine, between vectors of no likeness.
TOLERANCE = 0.03
CODES, PLANES = "index/vectors.codes", "index/vectors.planes"


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    opened = _open(tmp_path)
    opened.note_queued()
    yield opened
    opened.close()


def test_the_best_piece_of_a_message_counts(vectors: Vectors) -> None:
    one, other = _unit(1), _unit(2)
    vectors.add([VectorRecord(4, 0, 10, other), VectorRecord(4, 1, 10, one)])
    vectors.add([VectorRecord(7, 0, 11, other)])

    found = vectors.search(one, 10)

    assert found.message_ids.tolist() == [4, 7]
    assert found.pieces.tolist() == [1, 0]
    assert found.scores[0] == pytest.approx(1.0, abs=0.01)
    assert found.count == vectors.count == 3


def test_a_message_that_is_added_again_has_only_its_new_pieces(vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, number, 10, _unit(number)) for number in range(3)])
    vectors.add([VectorRecord(4, 0, 10, _unit(9))])

    assert vectors.count == 1
    assert vectors.scores_of(_unit(1), [4])[0] < 0.5


def test_what_has_no_vector_has_no_score(vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1))])

    scores = vectors.scores_of(_unit(1), [9, 4])

    assert np.isnan(scores[0])
    assert scores[1] == pytest.approx(1.0, abs=0.01)
    assert vectors.scores_of(_unit(1), []).tolist() == []


@pytest.mark.parametrize("is_long", [False, True])
def test_of_some_days_only_their_messages_are_found(
    vectors: Vectors, is_long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_long:
        _pretend_long(monkeypatch)
    vectors.add([VectorRecord(number, 0, number, _unit(number)) for number in range(2, 300)])

    found = vectors.search(_unit(5), 400, days=(100, 102))

    assert sorted(found.message_ids.tolist()) == [100, 101, 102]


def test_an_empty_life_finds_nothing(vectors: Vectors) -> None:
    found = vectors.search(_unit(1), 10)

    assert found.message_ids.tolist() == []
    assert (found.mean, found.deviation, found.count) == (0.0, 0.0, 0)


def test_nothing_of_what_is_removed_stays_in_the_files(tmp_path: Path, vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1)), VectorRecord(6, 0, 10, _unit(2))])
    gone = [_record_bytes(tmp_path / name, 0) for name in (CODES, PLANES)]
    vectors.remove([4])

    for name, record in zip((CODES, PLANES), gone, strict=True):
        content = (tmp_path / name).read_bytes()
        assert record not in content
        # Nor any part of it that could be told from chance.
        assert all(record[at : at + 16] not in content for at in range(0, len(record) - 16, 8))
    assert vectors.search(_unit(1), 10).message_ids.tolist() == [6]


def test_what_is_removed_while_its_vector_is_made_is_not_added(vectors: Vectors) -> None:
    mark = vectors.mark
    vectors.remove([4])
    vectors.add([VectorRecord(4, 0, 10, _unit(1)), VectorRecord(6, 0, 10, _unit(2))], mark)

    assert vectors.search(_unit(1), 10).message_ids.tolist() == [6]
    vectors.add([VectorRecord(4, 0, 10, _unit(1))], vectors.mark)
    assert vectors.count == 2


def test_they_are_there_again_after_a_restart(tmp_path: Path, vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1))])
    again = _open(tmp_path)

    assert not again.needs_rebuild
    assert again.greatest_message_id == 4
    assert again.search(_unit(1), 10).message_ids.tolist() == [4]
    again.close()


def test_new_files_lack_all_vectors_until_that_is_on_record(tmp_path: Path) -> None:
    for _ in range(2):
        # As after a crash right behind it.
        opened = _open(tmp_path)
        assert opened.needs_rebuild
        opened.close()
    opened = _open(tmp_path)
    opened.note_queued()
    opened.close()
    again = _open(tmp_path)
    assert not again.needs_rebuild
    again.close()


@pytest.mark.parametrize("other", ["another model", "another life", "no header", "one file"])
def test_files_of_something_else_are_begun_anew(
    tmp_path: Path, vectors: Vectors, other: str
) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1))])
    if other == "no header":
        with (tmp_path / CODES).open("r+b") as file:
            file.write(b"\xff" * 100)
    if other == "one file":
        (tmp_path / PLANES).unlink()
    model = "another" if other == "another model" else MODEL
    again = Vectors.open(tmp_path, model, DIMENSION, "b" if other == "another life" else "a")

    assert again.needs_rebuild
    assert again.count == 0
    again.close()


@pytest.mark.parametrize("cut", [1, 60, 64, 150])
@pytest.mark.parametrize("name", [CODES, PLANES])
def test_a_torn_tail_is_cut_off(tmp_path: Path, vectors: Vectors, name: str, cut: int) -> None:
    for number in range(2, 12):
        vectors.add([VectorRecord(number, 0, 10, _unit(number))])
    path = tmp_path / name
    os.truncate(path, path.stat().st_size - cut)
    again = _open(tmp_path)
    ids = again.search(_unit(3), 20).message_ids.tolist()
    again.add([VectorRecord(20, 0, 10, _unit(20))])

    assert set(range(2, 9)) <= set(ids) <= set(range(2, 12))
    assert again.scores_of(_unit(20), [20])[0] == pytest.approx(1.0, abs=0.01)
    again.close()


def test_a_tail_that_was_never_written_is_cut_off(tmp_path: Path, vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1))])
    with (tmp_path / CODES).open("ab") as file:
        file.write(os.urandom(640))
    with (tmp_path / PLANES).open("ab") as file:
        file.write(os.urandom(1600))
    again = _open(tmp_path)

    assert again.count == 1
    again.close()


@pytest.mark.parametrize("name", [CODES, PLANES])
def test_any_flipped_bit_is_noticed_and_its_message_named(
    tmp_path: Path, vectors: Vectors, name: str
) -> None:
    vectors.add([VectorRecord(number, 0, 10, _unit(number)) for number in range(2, 52)])
    size = (tmp_path / name).stat().st_size - 4096
    # Those of the tenth record, one after the other.
    record = size // 50
    for bit in range(0, 8 * record, 7):
        _flip(tmp_path / name, 4096 + 9 * record, bit)
        damaged = [each for part in vectors.check() for each in part]

        assert damaged == [11]
        assert 11 not in vectors.search(_unit(11), 60).message_ids
        vectors.add([VectorRecord(11, 0, 10, _unit(11))])
        vectors.remove(range(2, 52))
        vectors.clear()
        vectors.note_queued()
        vectors.add([VectorRecord(number, 0, 10, _unit(number)) for number in range(2, 52)])


def test_a_record_that_nobody_knows_has_all_made_again(tmp_path: Path, vectors: Vectors) -> None:
    vectors.add([VectorRecord(number, 0, 10, _unit(number)) for number in range(2, 12)])
    _flip(tmp_path / CODES, 4096 + 64, 3)
    _flip(tmp_path / PLANES, 4096 + 160, 3)

    assert [each for part in vectors.check() for each in part] == []
    assert vectors.needs_rebuild
    assert vectors.count == 9


def test_the_room_of_what_was_removed_is_given_back(tmp_path: Path, vectors: Vectors) -> None:
    kept = range(1000, 3000)
    vectors.add([VectorRecord(number, 0, 10, _unit(number)) for number in range(2, 3000)])
    before = vectors.byte_count
    vectors.remove(range(2, 1000))
    vectors.remove(range(1000, 1100))

    assert vectors.byte_count < 0.7 * before
    assert sum((tmp_path / name).stat().st_size for name in (CODES, PLANES)) == vectors.byte_count
    found = vectors.search(_unit(1500), 5000)
    assert sorted(found.message_ids.tolist()) == list(kept)[100:]
    assert found.message_ids[0] == 1500
    assert [each for part in vectors.check() for each in part] == []


def test_what_a_failed_write_left_behind_goes_with_what_is_removed(
    tmp_path: Path, vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors.add([VectorRecord(6, 0, 10, _unit(2))])

    def fail(_file: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(VectorFile, "_sync", fail)
        with pytest.raises(OSError, match="no room"):
            vectors.add([VectorRecord(4, 0, 10, _unit(1))])
    vectors.remove([4])
    again = _open(tmp_path)

    assert again.search(_unit(1), 10).message_ids.tolist() == [6]
    again.close()


def test_compacting_that_was_broken_off_is_done_again(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LEAST_DEAD", 3)
    vectors.add([VectorRecord(number, 0, 10, _unit(number)) for number in range(2, 12)])

    def fail(_file: object, _count: int) -> None:
        raise OSError("the disk failed")

    with monkeypatch.context() as patched:
        patched.setattr(VectorFile, "truncate", fail)
        with pytest.raises(OSError, match="the disk failed"):
            vectors.add([VectorRecord(number, 0, 10, _unit(20)) for number in (2, 3, 4, 5, 6)])
    vectors.remove([7])

    found = vectors.search(_unit(1), 20).message_ids.tolist()
    assert sorted(found) == [2, 3, 4, 5, 6, 8, 9, 10, 11]
    assert vectors.message_count == 9


def test_it_says_which_messages_have_a_vector(vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, number, 10, _unit(number)) for number in range(3)])
    vectors.add([VectorRecord(7, 0, 10, _unit(7)), VectorRecord(90, 0, 10, _unit(8))])
    vectors.remove([7])

    assert np.flatnonzero(vectors.having(20)).tolist() == [4]


def test_a_long_life_is_searched_by_codes_first(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [
        VectorRecord(2 + number // 2, number % 2, 10, _unit(number)) for number in range(4000)
    ]
    vectors.add(records)
    query = _near(_unit(1234), 0.5)
    exact = vectors.search(query, 50)
    _pretend_long(monkeypatch)
    found = vectors.search(query, 50)

    assert found.message_ids[0] == exact.message_ids[0] == 2 + 1234 // 2
    assert len(set(found.message_ids[:20].tolist()) & set(exact.message_ids.tolist())) >= 15
    assert found.mean == pytest.approx(exact.mean, abs=0.01)
    assert found.deviation == pytest.approx(exact.deviation, abs=0.02)


def test_copies_of_one_text_are_no_trouble_in_a_long_life(
    vectors: Vectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend_long(monkeypatch)
    monkeypatch.setattr(module, "CANDIDATES", 20)
    vectors.add([VectorRecord(number, 0, 10, _unit(1)) for number in range(2, 2000)])

    assert vectors.search(_unit(1), 5).message_ids.tolist() == [1999, 1998, 1997, 1996, 1995]


def test_its_files_are_the_owners_alone(tmp_path: Path, vectors: Vectors) -> None:
    vectors.add([VectorRecord(4, 0, 10, _unit(1))])
    paths = list((tmp_path / "index").iterdir())

    assert (tmp_path / "index").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}


class Life(RuleBasedStateMachine):
    """Vectors beside a plain dictionary of what they hold."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.vectors = _open(Path(self.home.name))
        self.expected: dict[int, Floats] = {}

    def teardown(self) -> None:
        self.vectors.close()
        self.home.cleanup()

    @rule(message_id=st.integers(2, 30), seed=st.integers(0, 10**6), count=st.integers(1, 4))
    def add(self, message_id: int, seed: int, count: int) -> None:
        rows = np.array([_unit(seed + number) for number in range(count)])
        self.expected[message_id] = rows
        self.vectors.add(
            [VectorRecord(message_id, number, 10, row) for number, row in enumerate(rows)]
        )

    @rule(message_ids=st.sets(st.integers(2, 30), max_size=5))
    def remove(self, message_ids: set[int]) -> None:
        for message_id in message_ids:
            self.expected.pop(message_id, None)
        self.vectors.remove(message_ids)

    @rule()
    def restart(self) -> None:
        self.vectors.close()
        self.vectors = _open(Path(self.home.name))

    @rule(seed=st.integers(0, 10**6))
    def search(self, seed: int) -> None:
        query = _unit(seed)
        found = self.vectors.search(query, 100)
        expected = {key: float((rows @ query).max()) for key, rows in self.expected.items()}

        assert sorted(found.message_ids.tolist()) == sorted(expected)
        for message_id, score in zip(found.message_ids.tolist(), found.scores, strict=True):
            assert abs(score - expected[message_id]) < TOLERANCE
        if expected:
            assert abs(found.mean - np.mean(list(expected.values()))) < TOLERANCE
        scores = self.vectors.scores_of(query, sorted(expected))
        assert np.allclose(scores, [expected[key] for key in sorted(expected)], atol=TOLERANCE)

    @invariant()
    def counts(self) -> None:
        assert self.vectors.count == sum(len(rows) for rows in self.expected.values())
        assert self.vectors.message_count == len(self.expected)


TestAnyLife = Life.TestCase
TestAnyLife.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)


def _open(home: Path) -> Vectors:
    return Vectors.open(home, MODEL, DIMENSION, "a")


def _unit(seed: int) -> Floats:
    row = np.random.default_rng(seed).normal(size=DIMENSION).astype(np.float32)
    unit: Floats = row / np.linalg.norm(row)
    return unit


def _near(vector: Floats, noise: float) -> Floats:
    row = vector + noise * _unit(99)
    unit: Floats = row / np.linalg.norm(row)
    return unit


def _pretend_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "EXACT_PIECES", 100)


def _record_bytes(path: Path, number: int) -> bytes:
    size = 64 if path.name.endswith("codes") else 160
    content = path.read_bytes()[4096:]
    return content[number * size : (number + 1) * size]


def _flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(at + bit // 8)
        byte = file.read(1)[0]
        file.seek(at + bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))
