"""Names are scanned for signs by a loop that passes over none that the patterns find."""

import re

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.compiled.columns import text_column
from crmmigrate.standardize.name_classes import class_names, classify
from crmmigrate.standardize.name_cuts import (
    SIGNS_CUT,
    cut_texts,
    phrase_lengths,
    unlike_words,
)
from crmmigrate.standardize.name_loops import (
    ASK,
    BYTE_KINDS,
    FAR,
    ODD,
    SIGNS,
    THAI,
    UNTIDY,
    scan_names,
)
from crmmigrate.standardize.names import is_tidy

PIECES = (
    "Ana s S s. ſ r.l a. rl k. K not given ikke oppgitt lorem ipsum é É İ ' ‘ ’ “ ” „ « » \" ( ) [ ] { } * ; , "
    "ก ๎ 一 鿿 가 힣 ぁ ゖ ァ Ω Ж - . & / 1"
).split(" ")
BLANKS = [
    " ",
    "  ",
    "\t",
    "\n",
    "\x00",
    "\x1d",
    "\x1e",
    "\x85",
    "\xa0",
    *"\u1680\u2003\u2028\u202f\u205f\u3000\u0345",
]
TEXTS = st.lists(st.sampled_from([*PIECES, *[" "] * 20, *BLANKS]), max_size=12).map("".join)
CUT, ASIAN = re.compile(SIGNS_CUT + "|,[^ ]|, "), re.compile("[一-鿿가-힣ぁ-ゖ]")


@given(st.lists(TEXTS | st.text(max_size=8), min_size=1, max_size=20))
def test_the_scan_finds_what_the_patterns_find(texts):
    column = text_column(pl.Series(texts, dtype=pl.String))
    flags = scan_names(column.data, column.offsets, phrase_lengths(), BYTE_KINDS).tolist()
    frame = pl.DataFrame({"text": texts}, {"text": pl.String}).select(
        tidy=is_tidy("text"), unlike=pl.col("text").str.contains(unlike_words())
    )
    for text, told, (tidy, unlike) in zip(texts, flags, frame.iter_rows(), strict=True):
        assert bool(told & UNTIDY) is not tidy, text
        assert told & SIGNS or not CUT.search(text), text
        assert told & FAR or not ASIAN.search(text), text
        assert told & THAI or not re.search("[ก-๎]", text), text
        assert told & (ASK | ODD) or not unlike, text


def test_long_and_untidy_texts_are_left():
    texts = ["Ana Pop", " Ana", "a" * 201, "Pop, Ana", "Ana\x07"]
    cut = cut_texts(pl.DataFrame({"text": texts}), tidy=True)
    assert cut["text"].to_list() == ["Ana Pop", "Pop, Ana"]
    assert cut_texts(pl.DataFrame({"text": [" Ana"]}), tidy=False)["cut"].to_list() == [" Ana"]


def test_words_have_classes_by_case_and_length():
    words = {
        "Ana": "lT3", "oz": "lL2", "OZ": "lU2a", "NG": "lU2-", "ANA": "lU3a", "SMITH": "lU4v",
        "GRZB": "lU4-", "mcX": "lT3", "Éva": "lT3", "Ana-Maria": "lT3", "ИВАН": "cU4v", "王": "k1",
        "王\x1e": "k1+", "IJ": "=", "de": "=", "Ana\x1e": "=", "\u0301": "=", "x": "=", "B.": "i.",
    }  # fmt: skip
    told = classify(pl.Series(list(words)), frozenset())["class"].to_list()
    assert dict(zip(words, told, strict=True)) == words
    assert set(told) - {"="} <= set(class_names())
