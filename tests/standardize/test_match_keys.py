"""Match keys: what spellings of one name share, and both lanes alike."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.match_keys import match_keys
from crmmigrate.values.match_keys import match_key


@pytest.mark.parametrize(
    "spellings",
    [
        ("Müller & Söhne", "MULLER und Sohne", "Müller and Söhne"),
        ("Popescu & Fiii", "Popescu și Fiii", "POPESCU SI FIII"),
        ("Иванов и сыновья", "Ivanov & Synovya"),
        ("L'Oréal", "l’oreal"),
        ("Łódź-Trans", "lodz trans"),
    ],
)
def test_spellings_of_one_name_share_their_key(spellings):
    assert len({match_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize("nothing", [None, "", " ", "&", "–"])
def test_nothing_has_no_key(nothing):
    assert match_key(nothing) in {None, "and"}


@given(
    st.lists(
        st.text() | st.lists(st.sampled_from("A & und et Ö и Ж ソ ก é y '".split())).map(" ".join)
    )
)
def test_lanes_agree(names):
    outcome = pl.DataFrame({"base_name": names}, schema={"base_name": pl.String})
    for least in (0, 1 << 20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("crmmigrate.standardize.match_keys.LEAST_ROWS", least)
            keys = match_keys(SemanticType.ORGANIZATION, outcome)
        assert keys.to_list() == [match_key(name) for name in names]


def test_a_person_s_key_is_made_of_given_and_family_name():
    outcome = pl.DataFrame(
        {
            "given": ["Ștefan", None, None],
            "middle": ["A.", None, "B"],
            "family": ["Pop", "Øye", None],
        }
    )
    assert match_keys(SemanticType.PERSON_NAME, outcome).to_list() == ["stefan pop", "oye", None]
