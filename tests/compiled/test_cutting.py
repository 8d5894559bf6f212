"""Texts cut into words, and put together again."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.compiled.cutting import cut_texts, join_words

TEXTS = st.lists(st.text(st.sampled_from("ab é王"), max_size=30), min_size=1, max_size=30)


@given(TEXTS, st.sampled_from([1, 2, 1 << 40]))
def test_words_stand_between_blanks(texts, most):
    cut = cut_texts(pl.Series(texts, dtype=pl.String), most)
    distinct = cut.distinct.to_list()
    assert len(set(distinct)) == len(distinct)
    for text, begin, end in zip(texts, cut.firsts, cut.firsts[1:], strict=False):
        words = [distinct[code] for code in cut.codes[begin:end]]
        assert words == (text.split(" ") if text.count(" ") < most else [])


@given(TEXTS)
def test_joined_words_have_single_blanks(texts):
    cut = cut_texts(pl.Series(texts, dtype=pl.String), 1 << 40)
    joined = join_words(cut, cut.distinct)
    assert joined.to_list() == [" ".join(text.split()) for text in texts]
