"""Expressions that wait for their first use: they are what `re` makes of them, all of them."""

import re

import pytest

import vega.core.facts
import vega.core.recall.times  # noqa: F401 - their patterns are to be compiled
from vega.core import patterns
from vega.core.patterns import Pattern, compile_patterns


def test_a_pattern_does_what_the_compiled_one_does() -> None:
    text, given = r"(\w)o", "Foo boat, Bob"
    ours, theirs = Pattern(text, re.IGNORECASE), re.compile(text, re.IGNORECASE)

    assert [each.span() for each in ours.finditer(given)] == [
        each.span() for each in theirs.finditer(given)
    ]
    assert ours.findall(given) == theirs.findall(given)
    assert ours.split(given) == theirs.split(given)
    assert ours.sub(r"\1", given) == theirs.sub(r"\1", given)
    assert ours.subn("", given) == theirs.subn("", given)
    assert ours.fullmatch("bo") is not None
    assert ours.fullmatch("boat") is None
    assert ours.match("boat") is not None
    assert ours.search("a boat") is not None


def test_nothing_is_compiled_before_it_is_used() -> None:
    broken = Pattern("(")

    assert broken in patterns._waiting
    with pytest.raises(re.error):
        broken.match("")
    patterns._waiting.remove(broken)


def test_every_rule_is_an_expression() -> None:
    compile_patterns()

    assert patterns._waiting == []
