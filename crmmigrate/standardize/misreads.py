"""Text whose UTF-8 was read in a code page, decoded a column at a time.

Only what surely comes out as `values.text` has it; the rest is left.
"""

from collections.abc import Iterator, Sequence

import ftfy
import ftfy.bad_codecs
import polars as pl
from ftfy.badness import is_bad
from ftfy.chardata import ALTERED_UTF8_RE
from ftfy.fixes import replace_lossy_sequences, restore_byte_a0

from crmmigrate.standardize.clean_loops import Writing, find_clean
from crmmigrate.standardize.rule_lists import listed
from crmmigrate.values.mojibake import mixes_scripts

__all__ = ["decode_texts"]

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
    tried = [
        (at, which, text, meant)
        for at, text, which in odd.select("_at", "text", "which").iter_rows()
        if writings[which][0] is not None
        for meant in (_lossy(text) if _LOST in text else _decoded(text))
    ]
    tidy = [" ".join(filter(None, meant.split(" "))) for *_, meant in tried]
    shown = pl.Series([value.replace(_LOST, "-") for value in tidy], dtype=pl.String)
    which = pl.Series([which for _, which, *_ in tried], dtype=pl.Int64).to_numpy()
    clean = find_clean(shown, which, writings).to_list() if tried else []
    found: dict[int, tuple[str, bool]] = {}
    for (at, kind, text, meant), value, sure in zip(tried, tidy, clean, strict=True):
        if sure and at not in found and _is_sure(text, meant, writings[kind]):
            found[at] = value, value != meant
    repairs = {
        "_at": pl.Series([*found], dtype=pl.UInt32),
        "value": pl.Series([value for value, _ in found.values()], dtype=pl.String),
        "spaced": pl.Series([spaced for _, spaced in found.values()], dtype=pl.Boolean),
    }
    lost = pl.col("value").str.contains(_LOST, literal=True)
    codes = listed(STD904=pl.col("value").is_not_null(), STD901=pl.col("spaced"), STD908=lost)
    return pl.DataFrame(repairs).select("_at", "value", codes=codes, doubt=pl.lit(0.95))


_LOST = "\ufffd"
"""What stands where a code page had no character."""


def _is_sure(text: str, meant: str, writing: Writing) -> bool:
    lost = _lost(text, meant)
    if _LOST in meant:
        chance = lost <= _PAIRS and mixes_scripts(meant)
        return not chance and is_bad(text) and ftfy.fix_encoding(meant) == meant
    alphabet = writing[0]
    return lost >= _PAIRS or (alphabet is not None and alphabet.strange(text) > 0)


def _lost(text: str, meant: str) -> int:
    return len(text) - len(meant)


def _decoded(text: str) -> Iterator[str]:
    for page in _PAGES:
        try:
            meant = text.encode(page).decode()
        except UnicodeError:
            continue
        if meant != text:
            yield meant
        return


def _lossy(text: str) -> Iterator[str]:
    """Decode text with lost characters as ftfy does: in the first code page that can be."""
    if "\x1a" in text:
        return
    for page in _LOSSY:
        try:
            raw = text.encode(page)
        except UnicodeError:
            continue
        if ALTERED_UTF8_RE.search(raw):
            raw = restore_byte_a0(raw)
        raw = replace_lossy_sequences(raw)
        try:
            yield raw.decode("utf-8-variants" if b"\xed" in raw or b"\xc0" in raw else "utf-8")
        except UnicodeError:
            continue
        return
