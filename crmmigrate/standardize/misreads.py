"""Text that was read in a wrong encoding or holds markup, repaired a column at a time.

Only what surely comes out as `values.text` has it; the rest is left.
"""

import html
from functools import cache
from html.entities import html5

import polars as pl

from crmmigrate.values.alphabets import Alphabet
from crmmigrate.values.mojibake import is_sound
from crmmigrate.values.text import BREAK, TAG

__all__ = ["BEYOND", "PERHAPS", "REPAIRS", "decode_columns", "sound_texts", "without_markup"]

REPAIRS = pl.Schema(
    {"_at": pl.UInt32(), "value": pl.String(), "codes": pl.List(pl.String), "doubt": pl.Float64()}
)
"""One row a changed cell: its row number, new text, rules, and how sure the repair is."""

BEYOND = r"[^\x00-\x7f]"
"""A character beyond ASCII."""

PERHAPS = r"^ | $|  |&#?\w+;|</?\w[^<>@]*>|[\x{00a1}\x{00bf}\x{115f}\x{1160}\x{2800}\x{3164}\x{fffd}]|[\p{C}\p{Z}&&[^ ]]"
"""Signs beyond ASCII that want a closer look; see `values.text`."""

_PAGES = ("latin-1", "sloppy-windows-1252", "sloppy-windows-1250")
"""Code pages that UTF-8 is usually misread in, in the order in which `values.mojibake` tries them."""

_RANGES = {
    "THAI": (0x0E01, 0x0E5C),
    "CYRILLIC": (0x0401, 0x04FF),
    "GREEK": (0x0386, 0x03CF),
    "HEBREW": (0x05D0, 0x05EB),
    "ARABIC": (0x0620, 0x0653),
}
_SIGNS = "’“”„«»–—…·•"


def sound_texts(texts: pl.DataFrame, alphabet: Alphabet | None) -> pl.Series:
    """Return `_at` of the texts all of whose words are surely no misread ones.

    Args:
        texts: `_at` and `text`.
        alphabet: Alphabet of their region.
    """
    words = texts.select("_at", pl.col("text").str.split(" ").alias("word")).explode("word")
    words = words.filter(pl.col("word").str.contains(BEYOND))
    distinct = words["word"].unique().to_list()
    unsound = pl.Series([w for w in distinct if not is_sound(w, alphabet)], dtype=pl.String)
    doubtful = words.filter(pl.col("word").is_in(unsound.implode()))["_at"].unique()
    return texts["_at"].filter(~texts["_at"].is_in(doubtful.implode()))


def decode_columns(odd: pl.DataFrame, alphabet: Alphabet) -> pl.DataFrame:
    """Repair texts whose every sign beyond ASCII belongs to a misread letter of the region.

    Args:
        odd: `_at` and `text` of texts that are not sound.
        alphabet: Alphabet of their region.

    Returns:
        Rows of `REPAIRS` where the letters are sure.
    """
    found = [REPAIRS.to_frame()]
    left = odd.filter(pl.col("text").str.contains(BEYOND))
    for page in _PAGES:
        misread, meant = _misread(alphabet, page)
        if not misread or left.is_empty():
            continue
        tried = left.with_columns(
            text=pl.col("text").str.replace_many(misread, meant),
            rest=pl.col("text").str.replace_many(misread, [""] * len(misread)),
            lost=pl.col("text").str.count_matches(BEYOND),
            strange=pl.col("text").str.contains(_strange(alphabet)),
        )
        whole = ~pl.col("rest").str.contains(BEYOND) & ~pl.col("text").str.contains(PERHAPS)
        many = pl.col("lost") - pl.col("text").str.count_matches(BEYOND) >= _PAIRS
        tried = tried.filter(whole & (many | pl.col("strange")))
        sure = tried.filter(pl.col("_at").is_in(sound_texts(tried, alphabet).implode()))
        found.append(
            sure.select(
                pl.col("_at").cast(pl.UInt32), value="text",
                codes=pl.lit(["STD904"], dtype=pl.List(pl.String)), doubt=pl.lit(0.95),
            )
        )  # fmt: skip
        left = left.filter(~pl.col("_at").is_in(sure["_at"].implode()))
    return pl.concat(found)


_PAIRS = 2
"""So many bytes too much are no coincidence, even if all are letters of the region."""


@cache
def _strange(alphabet: Alphabet) -> str:
    """Return a pattern of a character that the region does not write with."""
    ranges = (_RANGES[script] for script in sorted(alphabet.scripts) if script in _RANGES)
    own = "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in ranges)
    return rf"[^\x00-\x7f{''.join(sorted(alphabet.letters))}{own}]"


@cache
def _misread(alphabet: Alphabet, page: str) -> tuple[list[str], list[str]]:
    """Return what the region's letters look like when their UTF-8 is read in a code page."""
    scripts = [range(*_RANGES[script]) for script in sorted(alphabet.scripts) if script in _RANGES]
    letters = [*sorted(alphabet.letters), *_SIGNS, *(chr(code) for r in scripts for code in r)]
    pairs: dict[str, str] = {}
    for letter in letters:
        try:
            pairs[letter.encode().decode(page)] = letter
        except UnicodeError:
            continue
    return list(pairs), list(pairs.values())


def without_markup(texts: pl.Series) -> pl.Series:
    """Return texts without tags and with named entities written out; see `values.text`."""
    names, signs = _entities()
    text = pl.col("text")
    for _ in range(2):
        text = text.str.replace_many(names, signs)
    text = text.str.replace_all(f"(?i){BREAK}", "\n").str.replace_all(f"(?i){TAG}", "")
    return pl.DataFrame({"text": texts}).select(text).to_series()


@cache
def _entities() -> tuple[list[str], list[str]]:
    named = {f"&{name}": html.unescape(f"&{name}") for name in html5 if name.endswith(";")}
    return list(named), list(named.values())
