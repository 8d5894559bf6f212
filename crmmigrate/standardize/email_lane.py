"""The compiled lane of e-mail cells: loops read and write the bytes, this plans what is told of them.

What stands around an address is planned once by the scalar reading, with two addresses that share
no letter in the place of the real one: a mailbox of letters, digits and `._+-` and a host mean
nothing to any pattern of `values.email_cells`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import TextColumn, text_column, text_series
from crmmigrate.compiled.shapes import number_distinct
from crmmigrate.standardize.email_loops import read_cells
from crmmigrate.standardize.email_plain_loops import read_plain
from crmmigrate.standardize.email_tables import (
    ENDING,
    GLUED,
    INTERNATIONAL,
    LEFT,
    NAMED,
    NUMBER,
    PAIR,
    PROVIDER,
    PROVIDERS,
    ROLE,
    SLIP,
    WRAPPED,
    Cells,
    known_words,
    new_cells,
)
from crmmigrate.standardize.email_telling import (
    glued_outcomes,
    international_rows,
    known_outcomes,
    slip_outcomes,
    special_outcomes,
)
from crmmigrate.standardize.email_writing import (
    SPECIAL,
    Written,
    cut_spans,
    hash_around,
    new_written,
    write_cells,
)
from crmmigrate.values.email_cells import is_joining
from crmmigrate.values.email_domains import wrong_endings
from crmmigrate.values.emails import UNWRAPPED, EmailReading, read_email

__all__ = ["read_column"]

Rows = NDArray[np.int64]
Pieces = list[tuple[Rows, pl.DataFrame]]

_SAMPLES = (("qj", "qzj.com"), ("vw", "wyk.net"))
_WAYS: dict[tuple[str, ...], tuple[int, float]] = {
    ("STD151",): (1, 1.0),
    ("STD153",): (3, UNWRAPPED),
}


def read_column(texts: pl.Series, read_rest: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """Read a column of cells.

    Args:
        texts: The cells; those that are null are left, too.
        read_rest: The scalar reading of those that the loops leave.
    """
    column = text_column(texts)
    cells = new_cells(len(column))
    for loop in (read_plain, read_cells):
        loop(column.data, column.offsets, known_words().table, cells)
    read = _Read(texts, column, cells, *_plan_around(texts, column, cells))
    _leave_joined(column, cells)
    foreign = _international(read)
    written = new_written(len(column), len(column.data), read.ways)
    write_cells(column.data, column.offsets, cells, read.notes > 0, written)
    columns = pl.DataFrame(
        [
            text_series("value", written.values, written.value_offsets),
            text_series("domain", written.hosts, written.host_offsets, written.hostless),
        ]
    )
    left = _rows(cells.kinds == LEFT)
    pieces: Pieces = [
        (left, read_rest(texts[left])),
        foreign,
        _slips(read),
        _glued(read, written, columns),
        _specials(read, written, columns),
    ]
    return _together(written.outcomes, columns, pieces)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a column.

    Attributes:
        ways: Way to each address of kind `WRAPPED`.
        notes: Place in `messages` of what is told of each.
        messages: The first is None.
    """

    texts: pl.Series
    column: TextColumn
    cells: Cells
    ways: NDArray[np.uint8]
    notes: NDArray[np.int32]
    messages: pl.Series

    def part(self, rows: Rows, first: int, last: int) -> pl.Series:
        """Cut a part out of some rows; the ends are places in `Cells.spans`."""
        return text_series("part", *cut_spans(self.column, self.cells, rows, first, last))


def _rows(chosen: NDArray[np.bool_]) -> Rows:
    return np.flatnonzero(chosen)


def _plan_around(
    texts: pl.Series, column: TextColumn, cells: Cells
) -> tuple[NDArray[np.uint8], NDArray[np.int32], pl.Series]:
    """Plan each different text around an address; what cannot be planned is left."""
    ways, notes = np.zeros(len(column), np.uint8), np.zeros(len(column), np.int32)
    rows = _rows(cells.kinds == WRAPPED)
    hashes = np.empty(len(rows), np.uint64)
    hash_around(column.data, column.offsets, cells, rows, hashes)
    firsts, numbers = number_distinct(hashes)
    messages: list[str | None] = [None]
    plans = np.zeros((len(firsts), 2), np.int32)
    for number, first in enumerate(rows[firsts].tolist()):
        reading = _planned(texts[first].encode(), cells.spans[first].tolist())
        if reading is None:
            continue
        plans[number, 0] = _WAYS[reading.codes][0]
        if reading.message is not None:
            plans[number, 1] = len(messages)
            messages.append(reading.message)
    ways[rows], notes[rows] = plans[numbers, 0], plans[numbers, 1]
    cells.kinds[rows[plans[numbers, 0] == 0]] = LEFT
    return ways, notes, pl.Series("note", messages, dtype=pl.String)


def _planned(cell: bytes, spans: list[int]) -> EmailReading | None:
    """Read what stands around an address; None where it depends on the address."""
    begin, end, host, stop = spans[:4]
    before, sign, behind = (part.decode() for part in (cell[:begin], cell[end:host], cell[stop:]))
    both = set()
    for mailbox, domain in _SAMPLES:
        reading = read_email(f"{before}{mailbox}{sign}{domain}{behind}")
        if reading.value != f"{mailbox}@{domain}" or reading.alternatives:
            return None
        both.add((reading.codes, reading.message, reading.confidence))
    codes, _, sure = both.pop()
    if both or codes not in _WAYS or _WAYS[codes][1] != sure:
        return None
    return reading


def _leave_joined(column: TextColumn, cells: Cells) -> None:
    """Leave addresses behind a joining word (`or ion@firma.ro`) or one of a label."""
    rows = _rows(cells.kinds == GLUED)
    words = text_series("word", *cut_spans(column, cells, rows, 4, 5))
    joining = [word for word in words.unique().to_list() if is_joining(word)]
    cells.kinds[rows[words.is_in(joining).to_numpy()]] = LEFT


def _international(read: _Read) -> tuple[Rows, pl.DataFrame]:
    rows = _rows(read.cells.kinds == INTERNATIONAL)
    parts = pl.DataFrame(
        {
            "_at": rows,
            "text": read.texts[rows],
            "local": read.part(rows, 0, 1),
            "raw": read.part(rows, 2, 3),
        }
    )
    found = international_rows(parts)
    here = found["_at"].to_numpy()
    read.cells.kinds[np.setdiff1d(rows, here)] = LEFT
    return here, special_outcomes(found)


def _slips(read: _Read) -> tuple[Rows, pl.DataFrame]:
    rows = _rows(read.cells.kinds == SLIP)
    slips = pl.Series("slip", read.cells.spans[rows, 4])
    return rows, slip_outcomes(pl.DataFrame([read.texts[rows].alias("value"), slips]))


def _addresses(read: _Read, written: Written, columns: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Return what is known of some addresses, as `special_outcomes` takes it."""
    cells = read.cells
    found = columns[rows]
    return found.with_columns(
        pl.DataFrame(
            {
                "way": written.ways[rows],
                "role": (cells.flags[rows] & ROLE) != 0,
                "provider": pl.Series(PROVIDERS)[cells.hosts[rows] // PROVIDER & 3],
                "meant": _meant(cells, rows, found["domain"]),
                "note": read.messages[read.notes[rows]],
            }
        )
    )


def _glued(read: _Read, written: Written, columns: pl.DataFrame) -> tuple[Rows, pl.DataFrame]:
    rows = _rows(read.cells.kinds == GLUED)
    word = read.part(rows, 4, 5).alias("word")
    return rows, glued_outcomes(_addresses(read, written, columns, rows).with_columns(word))


def _specials(read: _Read, written: Written, columns: pl.DataFrame) -> tuple[Rows, pl.DataFrame]:
    """Return outcomes of the other addresses that have one of their own."""
    special = written.outcomes == SPECIAL
    rows = _rows(special & ~np.isin(read.cells.kinds, (GLUED, SLIP, INTERNATIONAL, LEFT)))
    kinds = read.cells.kinds[rows]
    name = _parts(read, rows, kinds == NAMED, (4, 5))
    mailbox, host = (_parts(read, rows, kinds == PAIR, ends) for ends in ((4, 5), (6, 7)))
    frame = _addresses(read, written, columns, rows).with_columns(
        name.alias("name"), mailbox.alias("mailbox"), host.alias("host")
    )
    further = pl.concat_str("mailbox", pl.lit("@"), pl.col("host").str.to_lowercase())
    return rows, special_outcomes(frame.with_columns(further=further))


def _parts(read: _Read, rows: Rows, chosen: NDArray[np.bool_], ends: tuple[int, int]) -> pl.Series:
    """Cut a part out of the chosen rows; null for the others."""
    places = np.zeros(len(rows), np.int64)
    places[chosen] = np.arange(1, 1 + chosen.sum())
    parts = read.part(rows[chosen], *ends)
    return pl.concat([pl.Series("part", [None], dtype=pl.String), parts], rechunk=True)[places]


def _meant(cells: Cells, rows: Rows, domain: pl.Series) -> pl.Series:
    """Return the domains that may be meant, by what is known of them or by their ending."""
    numbers, wrong = cells.hosts[rows] // NUMBER, cells.hosts[rows] % NUMBER // ENDING
    known = known_words().meant[numbers]
    right = pl.Series([None, *wrong_endings().values()], dtype=pl.String)[wrong]
    frame = pl.DataFrame([domain.alias("domain"), known.alias("known"), right.alias("right")])
    head = pl.col("domain").str.extract(r"^(.*\.)[^.]*$", 1)
    mended = pl.concat_str(head, "right")
    return frame.select(
        pl.when(pl.Series(numbers == 0)).then(mended).otherwise("known")
    ).to_series()


def _together(outcomes: NDArray[np.uint8], columns: pl.DataFrame, pieces: Pieces) -> pl.DataFrame:
    """Fetch every cell of the outcome from the tables of outcomes, or from what was written."""
    told = known_outcomes()
    places, first = outcomes.astype(np.uint32), told.height
    for rows, frame in pieces:
        places[rows] = np.arange(first, first + frame.height, dtype=np.uint32)
        first += frame.height
    told = pl.concat([told, *(frame for _, frame in pieces)], rechunk=True)
    whole = told.drop("value", "domain")[pl.Series(places)]
    rows = np.concatenate([rows for rows, _ in pieces[:2]])
    others = pl.concat([frame.select("value", "domain") for _, frame in pieces[:2]])
    for name in ("value", "domain"):
        whole = whole.with_columns(columns[name].scatter(rows, others[name]))
    return whole.select(told.columns)
