"""Any body whatever is read, or refused in plain words."""

import json

from hypothesis import given
from hypothesis import strategies as st

from vega.api.chat import parse_chat
from vega.errors import VegaError

SESSION_ID = "persistent-0123abcd"

fields = st.sampled_from(
    ["prompt", "stream", "session_id", "timezone", "origin", "device", "x", "\ud800"]
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just(SESSION_ID)
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner)
)


def read(body: bytes) -> None:
    try:
        asked = parse_chat(body, SESSION_ID)
    except VegaError as error:
        str(error).encode()
    else:
        assert asked.prompt.strip()
        assert asked.session_id in (None, SESSION_ID)
        asked.prompt.encode()


@given(st.binary())
def test_any_bytes(body: bytes) -> None:
    read(body)


@given(values)
def test_any_json(value: object) -> None:
    read(json.dumps(value).encode())


@given(st.dictionaries(fields, values))
def test_any_object_of_known_and_unknown_fields(value: dict[str, object]) -> None:
    read(json.dumps({"prompt": "Hello", **value}).encode())
