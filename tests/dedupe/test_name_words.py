"""Levels of given and family names of one and of several words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.dedupe.name_words import Spelt, family_level, given_level
from crmmigrate.dedupe.names import FAMILY_LEVELS, GIVEN_LEVELS

GIVEN = [
    ("Hans", "hans joachim", "partial"),
    ("hans j", "hans joachim", "partial"),
    ("hans otto", "hans joachim", "clash"),
    ("hans o", "hans joachim", "clash"),
    ("abdullah ahmed", "abdullah yahya", "clash"),
    ("jean marie", "jeanmarie", "exact"),
    ("jeanmarie", "jean marie luc", "partial"),
    ("anna maria", "maria anna", "partial"),
    ("anna maria", "anna marie", "clash"),
    ("anna maria", "anna maira", "typo"),
    ("karl heintz", "carl heinz", "typo"),
    ("jessica", "jesica ann", "typo"),
    ("bill lee", "william lee", "partial"),
    ("bill", "william", "nickname"),
    ("alex", "alexander john", "nickname"),
    ("j p", "jean paul", "initial"),
    ("j p", "john mark", "clash"),
    ("j", "jean", "initial"),
    ("daniel", "daniela", "similar"),
    ("daniel ana", "daniela ana", "clash"),
    ("maria de carmen", "maria carmen", "partial"),
    ("li", "li wei", "partial"),
    ("aessicj", "jessica", "mangled"),
    ("john", "mary ann", "different"),
]
FAMILY = [
    ("silva", "silva costa", "partial"),
    ("silva costa", "silva kosta", "typo"),
    ("garcia lopez", "garcia moreno", "similar"),
    ("al rawi", "al ani", "different"),
    ("al assad", "el assad", "partial"),
    ("bin laden", "ibn laden", "partial"),
    ("van der berg", "van der meer", "different"),
    ("van der berg", "vanderberg", "exact"),
    ("delacruz", "de la cruz ruiz", "partial"),
    ("ivanov", "ivanova", "typo"),
    ("s", "smith", "different"),
]
NICKS = {"bill": "william"}
WORDS = st.lists(st.text("abdeilnorv", min_size=1, max_size=8), min_size=1, max_size=4)


def spelt(text: str, holders: int = 1) -> Spelt:
    first = text.split(" ", maxsplit=1)[0]
    return Spelt(text, NICKS.get(first, first), None, holders)


@pytest.mark.parametrize(("one", "other", "level"), GIVEN)
def test_given_names(one, other, level):
    one = one.lower()
    assert GIVEN_LEVELS[given_level(spelt(one), spelt(other))].name == level
    assert GIVEN_LEVELS[given_level(spelt(other), spelt(one))].name == level


@pytest.mark.parametrize(("one", "other", "level"), FAMILY)
def test_family_names(one, other, level):
    assert FAMILY_LEVELS[family_level(spelt(one), spelt(other))].name == level
    assert FAMILY_LEVELS[family_level(spelt(other), spelt(one))].name == level


def test_common_spellings_are_two_names():
    assert GIVEN_LEVELS[given_level(spelt("anna maria", 50), spelt("anna maira", 60))].name == "similar"  # fmt: skip


@settings(max_examples=300)
@given(WORDS, WORDS)
def test_no_name_is_better_than_itself(one, other):
    x, y = spelt(" ".join(one)), spelt(" ".join(other))
    assert GIVEN_LEVELS[given_level(x, x)].name == "exact"
    assert FAMILY_LEVELS[family_level(x, x)].name == "exact"
    same = x.text.replace(" ", "") == y.text.replace(" ", "")
    assert (GIVEN_LEVELS[given_level(x, y)].name == "exact") is same
    assert (FAMILY_LEVELS[family_level(x, y)].name == "exact") is same
