"""What stands around the numbers of phone cells, read once for each surrounding."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn
from crmmigrate.compiled.shapes import number_distinct
from crmmigrate.standardize.phone_arrays import Ints
from crmmigrate.standardize.phone_cores import (
    AROUND,
    BEGIN,
    BETWEEN,
    END,
    NUMBER_BEGIN,
    NUMBER_END,
    SECOND,
    Cores,
)
from crmmigrate.standardize.phone_shapes import FLOAT, MASKED, as_ascii
from crmmigrate.standardize.phone_words import cut_surroundings
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.phone_cells import PhoneWords

__all__ = [
    "COMMA", "EXTENDED", "KNOWN", "LABELLED", "LETTERS", "NOTED", "PARTED", "REST", "SEMICOLON", "SLASH",
    "TRAILING", "TYPED", "WORD", "Surroundings", "read_surroundings",
]  # fmt: skip

_SOME_NUMBER = "000000000"
_MASK = str.maketrans("123456789", "000000000")
_LONGEST_REST = 3
"""More signs behind the number may belong to it."""
_KEYS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_MOST_LETTERS = 12
SLASH, SEMICOLON, COMMA, _SIGN, WORD = range(1, 6)
"""How two numbers are parted; 0 if they are not."""
_SIGNS = {"/": SLASH, ";": SEMICOLON, ",": COMMA, "|": _SIGN, "\n": _SIGN, " ": _SIGN}


KNOWN, REST, EXTENDED, NOTED, LABELLED, TRAILING, TYPED = range(7)
"""Columns of `around`: whether a surrounding can be read (2 for that of a spreadsheet's float), bytes
behind the number's last digit that belong to it, and whether there is an extension, a note, nothing but a
label, or a word behind the number, and whether this is a label."""
PARTED, LETTERS = 0, 1
"""Columns of `between`: how numbers are parted (see `WORD`), how many digits the letters between them
stand for, and these digits."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Surroundings as arrays; number 0 is none, which cannot be read.

    Attributes:
        around: What is told about what stands around a number, see `KNOWN` and the others.
        between: What is told about what parts two numbers, see `PARTED`.
        notes: What was cut off around a number, null for nothing.
    """

    around: Ints
    between: Ints
    notes: pl.Series


def read_surroundings(
    texts: pl.Series, column: TextColumn, cores: Cores, words: Ints, kinds: Sequence[PhoneWords]
) -> Surroundings:
    """Read what stands around the numbers of cells, and between them, and number it in `cores`.

    Args:
        texts: The cells.
        column: The same as bytes.
        cores: What was found in them.
        words: Number of the words known in each cell's region.
        kinds: These words.
    """
    around, firsts = _numbered(cores.around)
    cut = _cut(texts, column, cores, words, kinds, firsts)
    between, pairs = _numbered(cores.between)
    parted = [(0, ""), *_parted(texts, column, cores, pairs)]
    told = np.zeros((len(parted), LETTERS + 1 + _MOST_LETTERS), np.int64)
    for row, (how, letters) in enumerate(parted):
        told[row, : LETTERS + 1 + len(letters)] = [how, len(letters), *map(int, letters)]
    around_told = np.array(cut.drop("note").to_numpy(), np.int64, order="C")
    cores.spans[:, AROUND], cores.spans[:, BETWEEN] = around, between
    return Surroundings(around_told, told, cut["note"])


def _numbered(hashes: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.int64]]:
    """Number the distinct hashes from 1 on, 0 for none; and return the first row of each."""
    rows = np.flatnonzero(hashes)
    numbers = np.zeros(len(hashes), np.int64)
    firsts, places = number_distinct(hashes[rows])
    numbers[rows] = places + 1
    return numbers, rows[firsts]


def _pieces(
    texts: pl.Series, column: TextColumn, firsts: NDArray[np.int64], spans: NDArray[np.int64]
) -> list[tuple[str, str]]:
    """Return the texts from the first place to the second, and from the third to the fourth."""
    places = (spans - column.offsets[firsts][:, None]).tolist()
    cells = (text.encode() for text in texts.gather(firsts).to_list())
    return [
        (cell[a:b].decode(), cell[c:d].decode())
        for cell, (a, b, c, d) in zip(cells, places, strict=True)
    ]


def _cut(
    texts: pl.Series,
    column: TextColumn,
    cores: Cores,
    words: Ints,
    kinds: Sequence[PhoneWords],
    firsts: NDArray[np.int64],
) -> pl.DataFrame:
    """Read each surrounding with some number in its middle; row 0 is none."""
    pieces = _pieces(
        texts, column, firsts, cores.spans[firsts][:, [BEGIN, NUMBER_BEGIN, NUMBER_END, END]]
    )
    cells = [
        f"{as_ascii(before)}{_SOME_NUMBER}{as_ascii(behind).translate(_MASK)}"
        for before, behind in pieces
    ]
    some = pl.DataFrame(
        {"text": ["", *cells], "_words": [0, *words[firsts].tolist()]},
        schema={"text": pl.String, "_words": pl.UInt32},
    ).with_row_index("_at")
    cut = some.join(cut_surroundings(some, kinds), on="_at", how="left", maintain_order="left")
    text, rest = pl.col("text"), pl.col("number").str.slice(len(_SOME_NUMBER))
    sound = ~text.str.contains(MASKED) & (rest.str.len_chars() <= _LONGEST_REST)
    number = text.str.contains(FLOAT)
    known = pl.when(number).then(2).when(sound.fill_null(value=False)).then(1).otherwise(0)
    flags = [pl.col(name).fill_null(value=False) for name in ("labelled", "trailing", "typed")]
    told = {
        "known": known,
        "rest": rest.str.strip_chars_end().str.len_bytes().fill_null(0),
        "extended": pl.col("extension").is_not_null(),
        "noted": pl.col("note").is_not_null(),
    }
    columns = [*(told[name].alias(name) for name in told), *flags]
    return cut.select(*(column.cast(pl.Int64) for column in columns), "note")


def _parted(
    texts: pl.Series, column: TextColumn, cores: Cores, firsts: NDArray[np.int64]
) -> list[tuple[int, str]]:
    """Tell how numbers are parted, and the digits that letters between them stand for."""
    spans = cores.spans[firsts]
    pieces = _pieces(texts, column, firsts, spans[:, [NUMBER_END, SECOND, SECOND, END]])
    return [_read_between(between, as_ascii(second)[:1]) for between, second in pieces]


def _read_between(between: str, second: str) -> tuple[int, str]:
    behind = second if second == "+" else ""
    match = _pattern().fullmatch(f"{_SOME_NUMBER}{between}{behind}{_SOME_NUMBER}")
    if match is None or match[1].strip() != _SOME_NUMBER:
        return 0, ""
    letters = [sign for sign in between.lower() if "a" <= sign <= "z"]
    if len(letters) > _MOST_LETTERS:
        return 0, ""
    digits = "".join(letters).translate(_KEYS) if len(letters) >= 3 else ""
    sign = match[2] or (" " if match[5] else None)
    return (_SIGNS[sign], digits) if sign else (WORD, digits)


@cache
def _pattern() -> re.Pattern[str]:
    words = "|".join(map(re.escape, load_knowledge("phone_words")["between"]))
    piece = r"[+(0-9][^/;,|\n]{5,}"
    between = rf"(?:([/;,|\n])|\s({words})\s)\s*([+(0-9][^/;,|\n]{{4,}})"
    return re.compile(rf"({piece}?)\s*(?:{between}|\s(\+[^/;,|\n]{{4,}}))", re.IGNORECASE)
