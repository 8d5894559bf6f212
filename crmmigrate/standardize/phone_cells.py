"""Phone cells of known shapes: what is read without asking the scalar reading."""

from collections.abc import Mapping

import polars as pl

from crmmigrate.standardize.phone_lane import read_plain_numbers
from crmmigrate.standardize.phone_pairs import (
    cut_at_blanks,
    cut_at_signs,
    join_halves,
    join_neither,
    join_pairs,
)
from crmmigrate.standardize.phone_shapes import cut_cells, told_cells
from crmmigrate.standardize.phone_tables import plan_tables
from crmmigrate.values.phone_cells import PhoneWords

__all__ = ["read_cells"]

_PLAIN = r"^\+?[0 ().\u00a0/\-\u2010-\u2015]*[1-9][0-9 ().\u00a0/\-\u2010-\u2015]+$"
_TWO_NUMBERS = 12
_COLUMNS: dict[str, pl.DataType] = {
    "_at": pl.UInt32(),
    "nsn": pl.String(),
    "verdict": pl.UInt32(),
    "status": pl.String(),
    "codes": pl.List(pl.String),
    "message": pl.String(),
    "confidence": pl.Float64(),
    "alternatives": pl.List(pl.String),
    "cut_extension": pl.String(),
    "cut_note": pl.String(),
}


def read_cells(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read the cells whose shape is known.

    Args:
        rows: `_at`, `text`, `_region`, and `_row` (of the region in the tables, null if the library
            has none).
        words: Words of each region.

    Returns:
        `_at`, `nsn`, `verdict`, `status`, `codes`, `message`, `confidence`, `alternatives`,
        `cut_extension` and `cut_note`, only of the cells that were read.
    """
    text = pl.col("text")
    plain = rows.filter(text.str.contains(_PLAIN) & ~text.str.ends_with(".0"))
    first = read_plain_numbers(plain)
    rest = _without(rows, plain)
    told = told_cells(rest)
    rest = _without(rest, told)
    single = _read_single(rest, words)
    left = pl.concat([_without(plain, first), _without(rest, single)])
    pairs = _read_pairs(left, words)
    tailed = _read_tailed(left)
    left = _without(_without(left, pairs), tailed)
    first = first.with_columns(alternatives=_others())
    parts = [
        first,
        single,
        pairs,
        tailed,
        *_read_long(left, words),
        told.with_columns(alternatives=_NOTHING),
    ]
    return pl.concat([_shaped(part) for part in parts])


def _without(rows: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of which nothing is told yet."""
    last = pl.col("_at").max().fill_null(0)
    count = max(int(frame.select(last).item()) for frame in (rows, told)) + 1
    done = pl.repeat(False, count, dtype=pl.Boolean, eager=True).scatter(told["_at"], True)
    return rows.filter(~done.gather(rows["_at"]))


def _read_pairs(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read the cells with two numbers between which a sign or a word stands."""
    sides, cells = cut_at_signs(rows)
    read = _alone(sides, words).join(sides.select("_at", side="text"), on="_at")
    neither, one = join_neither(read, cells)
    first = read.filter((pl.col("_at") % 2 == 0) & pl.col("valid")).select(pl.col("_at") // 2)
    dialled = cells.filter("dialled").join(first, on="_at")
    halves = _without(join_halves(read), dialled)
    parts = [join_pairs(read.filter("valid")), halves, neither, _read_wrong(one)]
    return pl.concat([_shaped(part) for part in parts])


def _read_wrong(rows: pl.DataFrame) -> pl.DataFrame:
    """Tell of texts that hold at most one number, and no valid one."""
    found = read_plain_numbers(rows, one=True).filter(pl.col("status") == "invalid")
    return found.with_columns(alternatives=_others())


_TAIL = "-[0-9]{1,2}$"
_WITHIN = r"/|\\| [-\u2010-\u2015] "


def _read_tailed(rows: pl.DataFrame) -> pl.DataFrame:
    """Read numbers that are none, with a tail as if it were the last digits of a second one.

    Where the number before the tail is none either, there is no second one.
    """
    text = pl.col("text")
    tailed = rows.filter(text.str.contains(_TAIL) & ~text.str.contains(_WITHIN))
    before = read_plain_numbers(tailed.with_columns(text.str.replace(_TAIL, "")), one=True)
    before = before.filter(pl.col("status") == "invalid").select("_at")
    digits = text.str.replace_all("[^0-9]+", "").str.len_bytes()
    short = tailed.filter((digits < _TWO_NUMBERS) | ~text.str.contains(r"\s"))
    return _read_wrong(short.join(before, on="_at"))


_NOTHING = pl.lit([], dtype=pl.List(pl.String))


def _others() -> pl.Expr:
    other = pl.col("other")
    return pl.when(other.is_not_null()).then(pl.concat_list(other)).otherwise(_NOTHING)


def _read_single(rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read the cells with one number and what may stand around it."""
    cut = cut_cells(rows, words)
    found = read_plain_numbers(cut.select("_at", "text", "_row"))
    around = ("cut_extension", "cut_note", "cut_float", "cut_label")
    found = found.join(cut.select("_at", *around, alone="text"), on="_at")
    return _rewritten(found.join(rows.select("_at", "text"), on="_at"))


def _alone(sides: pl.DataFrame, words: Mapping[str | None, PhoneWords]) -> pl.DataFrame:
    """Read texts that are one number, maybe with an extension, and nothing else."""
    read = _read_single(sides, words).with_columns(pl.col("valid").fill_null(value=False))
    simple = pl.col("cut_note").is_null() & ~pl.col("cut_float")
    return read.filter(simple & ~pl.col("status").is_in(["ambiguous", "left_alone"]))


def _read_long(
    rows: pl.DataFrame, words: Mapping[str | None, PhoneWords]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read numbers with blanks that are too long for one.

    Returns:
        The cells with one cut that leaves a valid number on both sides, and those with none, which
        are no numbers.
    """
    text = pl.col("text")
    long = rows.filter(
        text.str.contains(r"^\+?[0-9(][0-9 ().-]{12,29}$")
        & ~text.str.contains("  | -|-[0-9]{1,2}$")
    )
    sides = cut_at_blanks(long.filter(pl.col("_row").is_not_null() | text.str.starts_with("+")))
    read = join_pairs(_alone(sides.drop("_cell"), words).filter("valid"))
    cells = sides.select(pl.col("_at") // 2, "_cell").unique()
    pairs = read.join(cells, on="_at").drop("_at").rename({"_cell": "_at"})
    once = pairs.filter(pl.len().over("_at") == 1)
    none = long.join(pairs, on="_at", how="anti").select("_at", "text", "_row")
    wrong = read_plain_numbers(none, one=True)
    around = {name: pl.lit(None, pl.String) for name in ("cut_extension", "cut_note")}
    wrong = wrong.with_columns(**around, cut_float=False, cut_label=False)
    wrong = wrong.join(rows.select("_at", "text", alone="text"), on="_at")
    wrong = _rewritten(wrong)
    return once, wrong.filter(pl.col("status") == "invalid")


def _shaped(part: pl.DataFrame) -> pl.DataFrame:
    missing = [pl.lit(None).alias(name) for name in _COLUMNS if name not in part.columns]
    return part.with_columns(missing).select(pl.col(n).cast(kind) for n, kind in _COLUMNS.items())


def _rewritten(found: pl.DataFrame) -> pl.DataFrame:
    """Tell beside the number what was cut off around it, and of its other possible reading."""
    tables = plan_tables()
    found = found.with_columns(*tables.told(found["verdict"], "valid", "code"))
    found = found.with_columns(alternatives=_others())
    bare = pl.col("text") == pl.col("alone")
    return pl.concat([found.filter(bare), _cut_told(found.filter(~bare))])


def _cut_told(found: pl.DataFrame) -> pl.DataFrame:
    """Tell of cells from which something was cut; doubtful numbers are left to the scalar."""
    whole = pl.col("cut_extension").is_null() & pl.col("cut_note").is_null() & ~pl.col("cut_float")
    doubtful = pl.col("status").is_in(["ambiguous", "left_alone"])
    vanity = pl.col("cut_note").is_not_null() & ~pl.col("cut_label") & (_digits("alone") < 7)
    invalid = pl.col("status") == "invalid"
    found = found.filter(whole | (pl.col("valid") & ~doubtful) | (invalid & ~vanity))
    found = found.with_columns(
        cut_note=pl.when(~invalid).then("cut_note"), cut_float=pl.col("cut_float") & ~invalid
    )
    status, codes = pl.col("status"), pl.col("codes")
    rest = codes.list.set_difference(pl.lit(["STD101"], dtype=pl.List(pl.String)))
    noted = pl.col("cut_note").is_not_null()
    moved = (status == "unchanged") & (pl.concat_str(pl.lit("+"), "code", "nsn") != pl.col("text"))
    return found.with_columns(
        status=pl.when("cut_float")
        .then(pl.lit("repaired"))
        .when(noted & (status == "unchanged") & pl.col("cut_extension").is_null())
        .then(pl.lit("repaired"))
        .when(moved)
        .then(pl.lit("normalised"))
        .otherwise(status),
        codes=pl.when("cut_float")
        .then(pl.concat_list(pl.lit("STD104"), rest))
        .when(noted)
        .then(pl.concat_list(rest, pl.lit("STD103")))
        .when(moved)
        .then(pl.lit(["STD101"]))
        .otherwise(codes),
        message=pl.when(noted)
        .then(pl.concat_str(pl.lit("note: "), "cut_note"))
        .otherwise("message"),
    )


def _digits(name: str) -> pl.Expr:
    return pl.col(name).str.replace_all("[^0-9]+", "").str.len_bytes()
