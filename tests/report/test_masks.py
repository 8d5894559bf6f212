"""Masks keep the shape of a value and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.semantic import SemanticType
from crmmigrate.report.masks import describe_change, mask_message, mask_value

CASES = [
    ("+40722123456", SemanticType.PHONE, "+40•••••••56"),
    ("0722 123 456", SemanticType.PHONE, "•••• ••• •56"),
    ("12", SemanticType.PHONE, "12"),
    ("n/a", SemanticType.PHONE, "n/a"),
    ("123", SemanticType.PHONE, "•••"),
    ("ana@example.com", SemanticType.EMAIL, "a•••@e•••.com"),
    ("Ana <ana@x.co.uk>; b@y", SemanticType.EMAIL, "A•• <a•••@x•••.uk>; b•••@y•••"),
    ("no address", SemanticType.EMAIL, "n• a••••••"),
    ("O'Brien, Ana", SemanticType.PERSON_NAME, "O'•••••, A••"),
    ("นาย สมชาย", SemanticType.PERSON_NAME, "น•• ส••••"),
    ("1980-02-03", SemanticType.DATE, "••••-••-••"),
    ("România", SemanticType.COUNTRY, "România"),
    ("0722 in the country column", SemanticType.COUNTRY, "•••• i• t•• c•••••• c•••••"),
    ("write to ana@example.com", None, "w•••• t• a•••@e•••.com"),
    ("erp:account:accounts/294", SemanticType.REFERENCE, "erp:account:accounts/294"),
    ("erp:account:accounts/294", SemanticType.PERSON_NAME, "e••:a••••••:a•••••••/•••"),
    ("line\nbreak\x00", None, "l••• b•••• "),
    (None, SemanticType.PHONE, None),
    ("", None, ""),
]


@pytest.mark.parametrize(("value", "kind", "expected"), CASES)
def test_mask_value(value, kind, expected):
    assert mask_value(value, kind) == expected


@given(st.text(max_size=300), st.sampled_from([*SemanticType, None]))
def test_no_word_of_a_personal_value_survives(value, kind):
    if kind in {
        SemanticType.BOOLEAN,
        SemanticType.CHOICE,
        SemanticType.COUNTRY,
        SemanticType.SUBDIVISION,
        SemanticType.LANGUAGE,
    }:
        return
    masked = mask_value(value, kind) or ""
    assert len(masked) <= 100
    words = [
        w for w in value.split() if (w.isalnum() and len(w) > 2 and not w.isascii()) or len(w) > 4
    ]
    for word in words:
        if word.isalnum():
            assert word not in masked


def test_dates_in_messages_are_masked():
    assert mask_message("may be 1978-07-08 or 8.7.1978") == "may be ••••-••-•• or •.•.••••"


def test_long_values_are_cut_and_say_so():
    assert (mask_value("a" * 1_000_000) or "").endswith("(+999920)")


def test_messages_do_not_repeat_values():
    message = "'Ion Kjærstad' wrote ion@firm.no and 0722 123 456 in 'phone', Kjærstad again; see 'legal_form'"
    masked = mask_message(message, ["Ion Kjærstad"], {"phone"})
    assert masked == (
        "'I•• K•••••••' wrote i•••@f•••.no and •••• ••• •56 in 'phone', K••••••• again; see 'legal_form'"
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("POPESCU  Ion", "Ion Popescu", "order of words, capitals, blanks"),
        ("Stefan", "Ștefan", "accents"),
        ("a-b", "ab", "punctuation"),
        ("0722", "+40722", ""),
        ("same", "same", ""),
        (None, "x", ""),
    ],
)
def test_changes_are_described(before, after, expected):
    assert describe_change(before, after) == expected
