"""Misread UTF-8 is decoded by the loop as Python decodes it."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize.misread_loops import decode_misread

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
