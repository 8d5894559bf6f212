"""Levels of mail addresses and dates."""

import polars as pl
import pytest
from dedupe.people import rules

from crmmigrate.dedupe.compare import compare_by_expressions, compare_by_loops, encode_features

MAILS = [
    ("anna.berg@host.example", "ana.berg@host.example", "near"),
    ("a.li@host.example", "b.li@host.example", "alike"),
    ("jd@host.example", "jb@host.example", "alike"),
    ("anna1@host.example", "anna2@host.example", "different"),
    ("anna.berg@host.example", "anna.berg@other.example", "local"),
    ("a.berg@host.example", "a.berg@host.example", "shared"),
    ("info@host.example", "info@host.example", "role"),
    ("anna.berg@host.example", "otto.kahn@host.example", "different"),
]
DATES = [
    ("1970-05-12", "1970-05-12", "exact"),
    ("1970-05-12", "1970-05-13", "slip"),
    ("1970-05-12", "1970-12-05", "slip"),
    ("1970-05-12", "1970-00-00", "part"),
    ("1970-05-12", "1970-05-00", "part"),
    ("1970-05-12", "1984-00-00", "different"),
    ("1970-05-12", "0000-00-00", None),
    ("1970-05-12", "9999-12-31", None),
    ("1970-05-12", "1970-05-92", "slip"),
    ("1970-05-12", "1984-11-30", "different"),
]


def level(field: str, one: str, other: str) -> str | None:
    """Return the level of two values; loops and expressions agree on it."""
    frame = pl.DataFrame({"_key": ["a", "b", "c"], field: [one, other, None]})
    encoded = encode_features(frame, rules())[field]
    ids = encoded.ids.head(2).to_list()
    if None in ids:
        return None
    pairs = pl.DataFrame({"va": ids[:1], "vb": ids[1:]}, schema={"va": pl.UInt32, "vb": pl.UInt32})
    found = compare_by_expressions(encoded, pairs)
    loops = compare_by_loops(encoded, pairs)
    assert loops is not None
    assert loops[field].to_list() == found[field].to_list()
    at = found[field][0]
    return None if at is None else encoded.evidence[field][at].name


@pytest.mark.parametrize(("one", "other", "told"), MAILS)
def test_a_slip_in_a_short_mailbox_is_often_somebody_else(one, other, told):
    assert level("email", one, other) == told
    assert level("email", other, one) == told


@pytest.mark.parametrize(("one", "other", "told"), DATES)
def test_what_a_date_does_not_tell_is_unknown(one, other, told):
    assert level("birth_date", one, other) == told
    assert level("birth_date", other, one) == told
