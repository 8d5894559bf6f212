"""Names of organizations as words: forms dropped, spellings of one word made one."""

import polars as pl
import pytest
from dedupe.people import rules
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.dedupe.organization_words import organization_words

SAME = {
    "abbreviation": ("First Int'l Bank", "First International Bank"),
    "ampersand": ("Procter & Gamble", "Procter and Gamble"),
    "ordinal": ("1st International Bank", "First International Bank"),
    "plural": ("Tiny Tots Villa", "Tiny Tot Villa"),
    "genitive": ("Children's Home", "Childrens Home"),
    "broken apostrophe": ("Children?s Home", "Children's Home"),
    "written apart": ("Good Will", "Goodwill"),
    "three words": ("van der bilt", "Vanderbilt"),
    "letters": ("A. B. C. Motors", "ABC Motors"),
    "form in front": ("Open Joint Stock Company Gazprom", "OAO Gazprom"),
    "form spelt out": ("Aktiebolaget Volvo", "Volvo"),
    "brothers": ("Miller Bros", "Miller Brothers"),
    "number in words": ("Seven Eleven", "7 Eleven"),
    "roman number": ("Disney Magnet II", "Disney Magnet 2"),
    "roman letter behind": ("Capital Fund V", "Capital Fund 5"),
}
OTHER = {
    "roman numbers": ("Capital Trust II", "Capital Trust III"),
    "a roman letter alone": ("X", "10"),
    "a letter in front": ("V Capital Fund", "5 Capital Fund"),
    "words": ("Alpha Motors", "Beta Motors"),
    "ss": ("Boss Hair", "Bos Hair"),
}


def words_of(*names: str, form: str | None = None) -> list[list[str]]:
    base = pl.Series("base", names, dtype=pl.String)
    forms = pl.Series("form", [form] * len(names), dtype=pl.String)
    return organization_words(base, forms, rules("account").vocabulary)["words"].to_list()


@pytest.mark.parametrize("case", SAME)
def test_one_organization_has_the_same_words(case):
    one, other = words_of(*SAME[case])
    assert one == other
    assert one


@pytest.mark.parametrize("case", OTHER)
def test_other_names_have_other_words(case):
    one, other = words_of(*OTHER[case])
    assert one != other


def test_a_trade_in_the_legal_form_stays_in_the_name():
    assert words_of("China Construction", form="Trust Corporation") == [["china", "construction", "trust"]]  # fmt: skip
    assert words_of("Bowne Solutions", form="II Inc.") == [["bowne", "solution", "2"]]
    assert words_of("Popescu Ion", form="I.I.") == [["popescu", "ion"]]


def test_names_of_nothing_but_forms_keep_them():
    assert words_of("Limited Company") == [["limited", "company"]]
    assert words_of("Joint Stock Company") != [[]]


@settings(max_examples=25)
@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), min_size=1, max_size=6))
def test_any_text_gives_words_or_none(names):
    base = pl.Series("base", names, dtype=pl.String)
    forms = pl.Series("form", names[::-1], dtype=pl.String)
    found = organization_words(base, forms, rules("account").vocabulary)["words"]
    assert len(found) == len(names)
    assert all(row is None or all(row) for row in found)
    alone = [row for name in names for row in words_of(name or "")]
    assert len(alone) == len(names)
