"""The index of names finds every name that comparing with all of them finds."""

from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from crmmigrate.values.near_names import NameIndex

LETTERS = st.text("abcde ", min_size=1, max_size=14)


@settings(deadline=None)
@given(st.lists(LETTERS, min_size=1, max_size=40, unique=True), LETTERS, st.sampled_from([80, 84]))
def test_none_is_missed(names, word, least):
    near = NameIndex(names).find_near(word, least)
    assert {name for name, _ in near} == {n for n in names if fuzz.ratio(word, n) >= least}
    assert [ratio for _, ratio in near] == sorted((ratio for _, ratio in near), reverse=True)


def test_a_slip_is_near():
    assert NameIndex(["germany", "france"]).find_near("germny", 84)[0][0] == "germany"


def test_a_name_exactly_at_the_limit_is_near():
    assert NameIndex(["egypta", "france"]).find_near("eypa", 80) == [("egypta", 80.0)]


def test_no_name_at_all():
    assert NameIndex([]).find_near("germany", 80) == []
