"""The hash chain."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from vega.core.life.chain import link_hash

contents = st.lists(st.one_of(st.none(), st.integers(), st.text(st.characters(codec="utf-8"))))


def test_a_link_is_the_documented_hash() -> None:
    inner = hashlib.sha256(b"salt" + '["prompt",1,"né",null]'.encode()).digest()

    assert link_hash(b"before", b"salt", ("prompt", 1, "né", None)) == (
        hashlib.sha256(b"before" + inner).digest()
    )


@given(contents, contents)
def test_other_content_is_another_link(one: list[object], other: list[object]) -> None:
    hashes = [link_hash(b"", b"salt", content) for content in (one, other)]  # type: ignore[arg-type]

    assert (hashes[0] == hashes[1]) == (one == other)


@given(contents, st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32))
def test_salt_and_predecessor_count(content: list[object], salt: bytes, before: bytes) -> None:
    plain = link_hash(b"", b"", content)  # type: ignore[arg-type]

    assert plain != link_hash(b"", salt, content)  # type: ignore[arg-type]
    assert plain != link_hash(before, b"", content)  # type: ignore[arg-type]
