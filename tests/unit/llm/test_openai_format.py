"""What an OpenAI-format server sends is read rightly, however it is cut and whatever it holds."""

import json
from typing import Any

import pytest

from vega.errors import AnswerBroken, ContextOverflow, ModelError, ModelRefused, ModelUnavailable
from vega.llm.base import Ending
from vega.llm.openai_format import (
    MAX_EVENT_BYTES,
    AnswerEvents,
    refusal_of_status,
)


def _event(delta: dict[str, Any], reason: str | None = None, **fields: Any) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    text = json.dumps({"choices": [choice], **fields}, ensure_ascii=False)
    return f"data: {text}\n\n".encode("utf-8", "surrogatepass")


def test_pieces_come_out_whole_when_their_bytes_come_one_by_one() -> None:
    answer = AnswerEvents()
    sent = _event({"content": "Grüße"}) + _event({"content": " 🙂"}) + _event({}, "stop")

    pieces = [piece for byte in sent for piece in answer.feed(bytes([byte]))]

    assert pieces == ["Grüße", " 🙂"]
    assert answer.ending() == Ending("stop")


@pytest.mark.parametrize("text", ["a\u2028b", "a\x85b", "a\x0cb", "line\nline\r\n"])
def test_a_separator_inside_a_piece_does_not_cut_its_event(text: str) -> None:
    assert AnswerEvents().feed(_event({"content": text})) == [text]


def test_lines_may_end_in_carriage_returns_and_lack_the_space() -> None:
    sent = _event({"content": "hi"}).replace(b"data: ", b"data:").replace(b"\n", b"\r\n")

    assert AnswerEvents().feed(sent) == ["hi"]


@pytest.mark.parametrize(
    "delta", [{}, {"role": "assistant", "content": None}, {"content": ""}, {"reasoning": "Hmm."}]
)
def test_a_delta_without_text_is_no_piece_but_a_sign_of_life(delta: dict[str, Any]) -> None:
    answer = AnswerEvents()

    assert answer.feed(_event(delta)) == []
    assert answer.count == 1
    assert not answer.has_text


def test_a_comment_is_no_sign_of_life() -> None:
    answer = AnswerEvents()
    answer.feed(b": ping\n\n")

    assert answer.count == 0


def test_a_stream_without_an_end_mark_has_no_ending() -> None:
    answer = AnswerEvents()
    answer.feed(_event({"content": "Half an"}) + b"data: [DONE]\n\n")

    with pytest.raises(AnswerBroken):
        answer.ending()


def test_the_usage_is_taken_from_an_event_without_choices() -> None:
    answer = AnswerEvents()
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":2}}\n\n'

    answer.feed(_event({"content": "x"}, "length") + usage + b"data: [DONE]\n\n")

    assert answer.is_over
    assert answer.ending() == Ending("length", 7, 2)


@pytest.mark.parametrize(("word", "reason"), [("length", "length"), ("eos_token", "stop")])
def test_a_vendors_finish_reason_is_one_of_two(word: str, reason: str) -> None:
    answer = AnswerEvents()
    answer.feed(_event({}, word))

    assert answer.ending().reason == reason


@pytest.mark.parametrize(
    "sent",
    [
        b"data: {not json}\n",
        b"data: \xff\xfe\n",
        b'data: {"error": {"message": "Something tore."}}\n',
        _event({}, "abort"),
        b"data: " + b"x" * (MAX_EVENT_BYTES + 1),
    ],
)
def test_garbage_and_errors_in_a_stream_break_the_answer(sent: bytes) -> None:
    with pytest.raises(AnswerBroken):
        AnswerEvents().feed(sent)


def test_a_window_that_is_full_in_mid_stream_is_an_overflow() -> None:
    with pytest.raises(ContextOverflow):
        AnswerEvents().feed(b'data: {"error": {"type": "exceed_context_size_error"}}\n')


@pytest.mark.parametrize("event", ["[]", "1", '"x"', "{}", '{"choices": {}}', '{"choices": [1]}'])
def test_an_event_of_another_shape_is_passed_over(event: str) -> None:
    assert AnswerEvents().feed(f"data: {event}\n".encode()) == []


def test_half_a_surrogate_pair_never_comes_out() -> None:
    sent = b'data: {"choices": [{"delta": {"content": "\\ud83d\\ude42 \\ud83d"}}]}\n'

    assert AnswerEvents().feed(sent) == ["🙂 \ufffd"]


@pytest.mark.parametrize(
    ("status", "error", "meaning"),
    [
        (400, {"type": "exceed_context_size_error", "message": "too long"}, ContextOverflow),
        (400, {"code": "context_length_exceeded", "message": "too long"}, ContextOverflow),
        (400, {"message": "This model's maximum context length is 2048"}, ContextOverflow),
        (500, {"message": "Context size has been exceeded."}, ContextOverflow),
        (400, {"message": "bad"}, ModelRefused),
        (401, "Unauthorized", ModelRefused),
        (404, None, ModelRefused),
        (408, {"message": "slow"}, ModelUnavailable),
        (429, {"message": "slow down"}, ModelUnavailable),
        (500, "<html>", ModelRefused),
        (503, {"message": "Loading model", "type": "unavailable_error"}, ModelUnavailable),
    ],
)
def test_a_vendors_error_has_one_meaning(
    status: int, error: object, meaning: type[ModelError]
) -> None:
    assert type(refusal_of_status(status, error)) is meaning


def test_a_refusal_is_in_the_servers_words() -> None:
    assert "I do not like this." in str(
        refusal_of_status(400, {"message": "I do not like this.", "code": 400})
    )
