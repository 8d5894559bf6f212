"""Misread UTF-8 is decoded by the loop as Python decodes it."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize.misread_loops import decode_misread
from crmmigrate.standardize.misreads import surely_unread
from crmmigrate.values.alphabets import alphabet_of
from crmmigrate.values.mojibake import fix_surely, fix_utf8

PAGES = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1250")
LETTERS = st.text(st.sampled_from("aé ßșЖα漢字👍€’\x81\xad�?"), max_size=8) | st.text(max_size=6)
BYTES = st.builds(
    lambda text, more: text.encode("utf-8", "replace") + more, LETTERS, st.binary(max_size=3)
)
TEXTS = LETTERS | st.builds(lambda data, page: data.decode(page), BYTES, st.sampled_from(PAGES))


def meaning(text):
    """Return what the first page says in which a text is UTF-8; "" where it is ASCII or there is none."""
    for page in PAGES:
        try:
            meant = text.encode(page).decode()
        except UnicodeError:
            continue
        return "" if meant == text else meant
    return ""


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(TEXTS, max_size=8))
def test_texts_are_decoded_as_python_does(texts):
    texts = [text.encode("utf-8", "replace").decode().replace("\ufffd", "") for text in texts]
    meant, done = decode_misread(pl.Series("text", texts, dtype=pl.String), PAGES)
    assert meant.to_list() == [meaning(text) for text in texts]
    assert done.tolist() == [bool(meaning(text)) for text in texts]


def test_overlong_letters_and_surrogates_are_no_utf8():
    raw = [b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xc3",
           b"\xc3\xa9\x80", b"\xf0\x9f\x91\x8d", b"\xc3\xa9"]  # fmt: skip
    meant, _ = decode_misread(pl.Series([data.decode("latin-1") for data in raw]), PAGES[:1])
    assert meant.to_list() == ["", "", "", "", "", "", "", "👍", "é"]


READINGS = (
    "latin-1",
    "cp1252",
    "cp1251",
    "cp1253",
    "cp874",
    "mac_roman",
    "cp437",
    "cp852",
    "cp949",
    "gb18030",
)
WORDS = st.builds(
    lambda text, written, read: text.encode(written, "ignore").decode(read, "replace"),
    st.text(st.sampled_from("aéßșŽжДПαΞกรา漢字가 ?.’—\u00a0\u0161\u0107"), max_size=12),
    st.sampled_from(["utf-8", *READINGS]),
    st.sampled_from(READINGS[:8]),
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(WORDS | TEXTS, max_size=8), st.sampled_from(["RO", "RU", "GR", "TH", "KR", "FR", "PL"])
)
def test_what_is_surely_unread_stays_as_it_is(book, texts, region):
    texts = [" ".join(texts), *texts]
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    rules = book.get(region)
    alphabet = alphabet_of(rules.languages, rules.encodings)
    for text, sure in zip(texts, surely_unread(pl.Series(texts, dtype=pl.String)), strict=True):
        if sure:
            assert (fix_surely(text), fix_utf8(text, alphabet)) == (text, text)


def test_words_of_other_code_pages_are_surely_unread():
    texts = [
        "Àë³íà Òîêàð",
        "Spó³dzielnia M³ot",
        "Öñýíç Áóçìüðïõëïò",
        "MÃ¼ller Ana",
        "Ana \x9a",
        "Ana �",
        "👍 È",
    ]
    assert surely_unread(pl.Series(texts)).to_list() == [True] * 3 + [False] * 4
