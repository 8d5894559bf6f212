"""Tables of words that loops look up."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.compiled.shapes import mix
from crmmigrate.compiled.words import START, find_word, make_table

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


def find(table, word, start=START):
    state = np.uint64(start)
    for byte in reversed(word.encode()):
        state = np.uint64(mix(state, np.uint64(byte)))
    return find_word(table, state)


@given(st.dictionaries(WORDS, st.integers(1, 2**40), max_size=300), WORDS)
def test_every_word_is_found_and_no_other(words, other):
    table = make_table((START, words))
    assert {word: find(table, word) for word in words} == words
    assert find(table, other) == words.get(other, 0)


def test_one_table_holds_words_of_several_meanings():
    table = make_table((START, {"info": 1, "ion": 2}), (START, {"info": 4}), (7, {"info": 8}))
    assert [find(table, "info"), find(table, "ion"), find(table, "info", 7)] == [5, 2, 8]
