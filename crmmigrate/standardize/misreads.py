"""Text that was read in a wrong code page, decoded a column at a time.

Only what surely comes out as `values.text` has it; the rest is left.
"""

from collections.abc import Sequence

import ftfy
import ftfy.bad_codecs
import polars as pl
from ftfy.badness import is_bad
from ftfy.chardata import ALTERED_UTF8_RE, CHARMAP_ENCODINGS, UTF8_DETECTOR_RE
from ftfy.fixes import replace_lossy_sequences, restore_byte_a0

from crmmigrate.standardize.clean_loops import Writing, find_clean
from crmmigrate.standardize.misread_loops import decode_misread, find_hopeless
from crmmigrate.standardize.rule_lists import listed
from crmmigrate.values.misread_utf8 import READ_AS, without_pieces
from crmmigrate.values.mojibake import fix_code_page, fix_surely, fix_utf8, mixes_scripts
from crmmigrate.values.text import is_clean

__all__ = ["decode_texts", "recode_texts", "surely_unread"]

_PAGES = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1250")
"""Code pages that UTF-8 is usually misread in, in the order in which `values.mojibake` tries them."""

_LOSSY = ("sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250",
    "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257")  # fmt: skip
"""Code pages that lack characters, in the order in which ftfy tries them."""

_PAIRS = 2
"""So many bytes too much are no coincidence, even if all are letters of the region."""


def decode_texts(odd: pl.DataFrame, writings: Sequence[Writing]) -> pl.DataFrame:
    """Decode texts that are UTF-8 misread as a whole.

    Args:
        odd: `_at`, `text` and `which` (number of the writing) of texts that are not clean.
        writings: What the regions are written with.

    Returns:
        Rows of `repairs.REPAIRS` of those that come out clean.
    """
    known = pl.Series([alphabet is not None for alphabet, _ in writings], dtype=pl.Boolean)
    odd = odd.filter(known.gather(odd["which"]))
    holes = odd["text"].str.contains(_LOST, literal=True)
    tried = pl.concat([_whole(odd.filter(~holes)), _with_holes(odd.filter(holes))])
    blanks = tried["meant"].str.contains("^ | $|  ").arg_true()
    tidy = [" ".join(filter(None, meant.split(" "))) for meant in tried["meant"].gather(blanks)]
    value = tried["meant"].scatter(blanks, pl.Series(tidy, dtype=pl.String))
    shown = value.str.replace_all(_LOST, "-", literal=True)
    clean = find_clean(shown, tried["which"], writings)
    lost = pl.col("text").str.len_chars().cast(pl.Int64) - pl.col("meant").str.len_chars()
    sure = (lost >= _PAIRS) & ~pl.col("meant").str.contains(_LOST, literal=True)
    found = tried.with_columns(value=value, spaced=value != tried["meant"], sure=sure).filter(clean)
    doubtful = found.select("text", "meant", "which", "sure").iter_rows()
    sure_too = [
        sure or _is_sure(text, meant, writings[which]) for text, meant, which, sure in doubtful
    ]
    found = found.filter(pl.Series(sure_too, dtype=pl.Boolean))
    missing = pl.col("value").str.contains(_LOST, literal=True)
    codes = listed(STD904=pl.col("value").is_not_null(), STD901=pl.col("spaced"), STD908=missing)
    return found.select("_at", "value", codes=codes, doubt=pl.lit(0.95))


def _whole(odd: pl.DataFrame) -> pl.DataFrame:
    """Return texts that are UTF-8 in one of the usual code pages with what they mean."""
    meant, done = decode_misread(odd["text"], _PAGES)
    return odd.with_columns(meant).filter(pl.Series(done))


def _with_holes(odd: pl.DataFrame) -> pl.DataFrame:
    """Return texts with lost characters and what they mean, as far as that is told."""
    meant = [_lossy(text) for text in odd["text"]]
    return odd.with_columns(meant=pl.Series(meant, dtype=pl.String)).filter(
        pl.col("meant").is_not_null()
    )


_LOST = "\ufffd"
"""What stands where a code page had no character."""


def _is_sure(text: str, meant: str, writing: Writing) -> bool:
    lost = _lost(text, meant)
    if _LOST in meant:
        if not is_bad(text) or (lost <= _PAIRS and mixes_scripts(meant)):
            return False
        return not is_bad(meant) or bool(ftfy.fix_encoding(meant) == meant)
    alphabet = writing[0]
    return lost >= _PAIRS or (alphabet is not None and alphabet.is_strange(text))


def _lost(text: str, meant: str) -> int:
    return len(text) - len(meant)


def _lossy(text: str) -> str | None:
    """Decode text with lost characters as ftfy does: in the first code page that can be."""
    if "\x1a" in text:
        return None
    for page in _LOSSY:
        try:
            raw = text.encode(page)
        except UnicodeError:
            continue
        if ALTERED_UTF8_RE.search(raw):
            raw = restore_byte_a0(raw)
        raw = replace_lossy_sequences(raw)
        try:
            return raw.decode("utf-8-variants" if b"\xed" in raw or b"\xc0" in raw else "utf-8")
        except UnicodeError:
            continue
    return None


def recode_texts(odd: pl.DataFrame, writings: Sequence[Writing]) -> pl.DataFrame:
    """Undo mix-ups of two code pages that are not UTF-8.

    Args:
        odd: `_at`, `text` and `which` (number of the writing) of texts that are not clean.
        writings: What the regions are written with.

    Returns:
        Rows of `repairs.REPAIRS` of those that come out clean.
    """
    odd = odd.with_columns(unread=surely_unread(odd["text"]))
    rows = odd.select("text", "which", "unread").iter_rows()
    meant = [_recoded(text, writings[which], unread=unread) for text, which, unread in rows]
    found = odd.with_columns(value=pl.Series(meant, dtype=pl.String)).drop_nulls("value")
    clean = find_clean(found["value"], found["which"], writings)
    codes = pl.lit(["STD905"], dtype=pl.List(pl.String))
    return found.filter(clean).select("_at", "value", codes=codes, doubt=pl.lit(0.85))


def _recoded(text: str, writing: Writing, *, unread: bool) -> str | None:
    """Return what `values.text` makes of a text by another code page, before it looks at it again."""
    alphabet, letters = writing
    if alphabet is None or is_clean(text, alphabet, letters):
        return None
    if not unread:
        fixed = fix_surely(text)
        if fixed != text and is_clean(fixed, alphabet, letters):
            return None
        fixed = fix_utf8(text, alphabet)
        if fixed != text and not alphabet.is_strange(fixed):
            return None
    meant, _ = fix_code_page(text, alphabet)
    return meant if meant != text else None


def surely_unread(texts: pl.Series) -> pl.Series:
    """Tell which texts `values.mojibake.fix_utf8` surely leaves as they are; False is no answer.

    Args:
        texts: Without nulls.
    """
    unread = pl.Series(find_hopeless(texts, (*CHARMAP_ENCODINGS, *READ_AS)), dtype=pl.Boolean)
    rows = unread.arg_true()
    whole = [
        not UTF8_DETECTOR_RE.search(text)
        or all(without_pieces(piece) == piece for piece in {text, *text.split(" ")})
        for text in texts.gather(rows)
    ]
    return unread.scatter(rows, pl.Series(whole, dtype=pl.Boolean))
