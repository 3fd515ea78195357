"""A body is cut into lines, and each line is a message or says why it is none."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import SOME_MOMENT
from vega.core.importing import (
    MAX_LINE_BYTES,
    MAX_LINES,
    MAX_TEXT_BYTES,
    Line,
    Lines,
    Message,
    Refusal,
    Role,
    read_line,
    read_moment,
)
from vega.errors import ImportTooLong, InvalidInput

ZONE = "Europe/Vienna"
GOOD = {
    "external_id": "m1",
    "role": "user",
    "name": "Ann",
    "text": "Hello",
    "at": "2020-05-01T10:00:00Z",
}


def read(content: object) -> Message | Refusal:
    line = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_line(Line(7, line), SOME_MOMENT, ZONE)


def cut(body: bytes, size: int = 3) -> list[Line]:
    lines = Lines()
    for first in range(0, len(body), size):
        lines.add(body[first : first + size])
    return lines.end()


def test_a_line_is_a_message_with_its_original_time() -> None:
    assert read(GOOD) == Message(
        7, "m1", Role.USER, "Ann", "Hello", datetime(2020, 5, 1, 10, tzinfo=UTC), ZONE
    )


@pytest.mark.parametrize(
    ("at", "zone"),
    [
        ("2025-10-09T07:30:00+09:00", "Etc/GMT-9"),
        ("2025-10-09T07:30:00-04:00", "Etc/GMT+4"),
        ("2025-10-09T07:30:00+05:30", "Asia/Kolkata"),
        ("2025-01-09T07:30:00-03:30", "America/St_Johns"),
        # As far from UTC as the owner's own zone was then; or no place at all.
        ("2025-10-09T07:30:00+02:00", ZONE),
        ("2025-10-09T07:30:00Z", ZONE),
        ("2025-10-09T07:30:00", ZONE),
        ("2025-10-09T07:30:00+09:07", ZONE),
    ],
)
def test_the_offset_of_a_time_says_where_the_owner_was(at: str, zone: str) -> None:
    message = read(GOOD | {"at": at})

    assert isinstance(message, Message)
    assert message.zone == zone


@pytest.mark.parametrize("name", [{}, {"name": None}])
def test_a_message_needs_no_name(name: dict[str, None]) -> None:
    message = read({key: GOOD[key] for key in GOOD if key != "name"} | name)

    assert isinstance(message, Message)
    assert message.name is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"role": "system"}, "role: 'system' is neither user nor assistant"),
        ({"role": None}, "role: must be a string"),
        ({"text": ""}, "text: is empty"),
        ({"text": " \n"}, "text: is empty"),
        ({"text": 7}, "text: must be a string"),
        ({"text": "a\x00b"}, "text: holds a NUL"),
        ({"text": "a\ud800b"}, "text: holds half a character .* at position 1"),
        ({"text": "é" * (MAX_TEXT_BYTES // 2 + 1)}, "text: is longer than 1,048,576 bytes"),
        ({"external_id": ""}, "external_id: must have 1 to 200 characters"),
        ({"external_id": "x" * 201}, "external_id: must have 1 to 200 characters"),
        ({"external_id": 5}, "external_id: must be a string"),
        ({"name": ""}, "name: must have 1 to 200 characters"),
        ({"name": ["Ann"]}, "name: must be a string"),
        ({"at": "yesterday"}, "'yesterday' is no time"),
        ({"at": "x\ud800"}, "at: holds half a character"),
        ({"at": 1588327200}, "at: must be a string"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "is no time"),
        ({"at": "9999-12-31T23:59:00Z"}, "is no time"),
        ({"at": "0999-12-31T00:00:00Z"}, "before the year 1000"),
        ({"at": "2026-11-23T09:00:01Z"}, "still to come"),
        ({"mood": "good"}, "'mood' is no field; the fields are external_id, role, name, text, at"),
        ({"\ud800": 1}, "is no field"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, object], why: str) -> None:
    refusal = read(GOOD | change)

    assert isinstance(refusal, Refusal)
    assert refusal.line == 7
    with pytest.raises(InvalidInput, match=why):
        raise InvalidInput(refusal.error)
    assert refusal.error.encode()


@pytest.mark.parametrize("field", ["external_id", "role", "text", "at"])
def test_a_missing_field_is_named(field: str) -> None:
    refusal = read({key: GOOD[key] for key in GOOD if key != field})

    assert refusal == Refusal(7, f"{field}: missing.")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'"text"', "not a JSON object"),
        (b"7", "not a JSON object"),
        (b"\xff\xfe", "not UTF-8"),
        (b"9" * 5000, "not JSON"),
    ],
)
def test_what_is_no_json_object_is_refused(content: bytes, why: str) -> None:
    refusal = read(content)

    assert isinstance(refusal, Refusal)
    assert why in refusal.error


def test_a_text_of_the_most_bytes_is_taken_however_it_is_written() -> None:
    text = "\x01" * MAX_TEXT_BYTES
    line = json.dumps(GOOD | {"text": text}).encode()

    message = read(cut(line, len(line))[0].content)

    assert isinstance(message, Message)
    assert message.text == text


def test_a_message_may_be_a_day_ahead_of_this_clock() -> None:
    message = read(GOOD | {"at": (SOME_MOMENT + timedelta(days=1)).isoformat()})

    assert isinstance(message, Message)


def test_a_byte_order_mark_before_the_first_line_does_not_count() -> None:
    assert isinstance(read(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()), Message)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-07-01T12:00", datetime(2024, 7, 1, 10, tzinfo=UTC)),
        ("2024-01-01 12:00:00", datetime(2024, 1, 1, 11, tzinfo=UTC)),
        ("2024-07-01", datetime(2024, 6, 30, 22, tzinfo=UTC)),
        ("2024-07-01T12:00:00.25+02:00", datetime(2024, 7, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_time_without_a_zone_is_the_owners(text: str, moment: datetime) -> None:
    assert read_moment(text, ZONE) == moment


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    lines = cut(b"one\r\n\n  \ntwo \xe2\x80\xa8 three\n\nfour")

    assert [(line.number, (line.content or b"").strip()) for line in lines] == [
        (1, b"one"),
        (4, b"two \xe2\x80\xa8 three"),
        (6, b"four"),
    ]


@given(st.binary(max_size=60), st.integers(1, 8))
def test_it_does_not_matter_where_a_body_is_broken(body: bytes, size: int) -> None:
    assert cut(body, size) == cut(body, len(body) + 1)


def test_a_line_that_is_too_long_fails_alone() -> None:
    lines = cut(b"one\n" + b"x" * (MAX_LINE_BYTES + 3_000_000) + b"\nthree", 1024 * 1024)

    assert [(line.number, line.content is None) for line in lines] == [
        (1, False),
        (2, True),
        (3, False),
    ]
    refusal = read_line(lines[1], SOME_MOMENT, ZONE)
    assert isinstance(refusal, Refusal)
    assert "longer than 8,388,608 bytes" in refusal.error


def test_more_lines_than_one_request_may_have_are_refused_as_a_whole() -> None:
    assert len(cut(b"x\n\n" * MAX_LINES, 100)) == MAX_LINES
    with pytest.raises(ImportTooLong, match="1,000"):
        cut(b"x\n" * (MAX_LINES + 1), 100)
