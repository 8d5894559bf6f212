"""Read a column of dates by their shapes: the vectorised twin of `values.dates`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from crmmigrate.model.regions import RegionBook
from crmmigrate.standardize.date_codes import code_lists, code_number
from crmmigrate.standardize.date_days import days, with_key
from crmmigrate.standardize.date_shapes import Digits, Shapes, plan_shapes
from crmmigrate.standardize.date_times import with_clock
from crmmigrate.values.date_plans import Candidate, Choice, Group, Structure
from crmmigrate.values.dates import EPOCHS, NEVER, ZEROS
from crmmigrate.values.times import Slot

__all__ = ["Told", "read_by_shape"]

_FEW = 20
"""So few rows of one structure are read faster one by one."""

_OUTCOME = pl.Schema(
    {
        "_at": pl.UInt32(),
        "value": pl.String(),
        "status": pl.String(),
        "codes": pl.List(pl.String),
        "message": pl.String(),
        "confidence": pl.Float64(),
        "alternatives": pl.List(pl.String),
    }
)
_FIRST_DAY = date(1970, 1, 1)

_NONE = pl.lit([], dtype=pl.List(pl.String))
_NO_TEXT = pl.lit(None, dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Told:
    """How results are written.

    Attributes:
        moments: The time of day is kept, as in a datetime.
        evidence: What the column proves, told where the order had to be decided.
    """

    moments: bool
    evidence: str = ""


def read_by_shape(rows: pl.DataFrame, book: RegionBook, choice: Choice, told: Told) -> pl.DataFrame:
    """Read what needs no second look.

    Args:
        rows: `_at`, `text` (as it came), `tidied` (one blank between words), `plain` (ASCII digits)
            and `_region`.
        book: Rules of all regions.
        choice: What the column tells.
        told: How results are written.

    Returns:
        `_at` and the outcome columns; rows that are missing are for the scalar.
    """
    digits = Digits(rows["plain"])
    numbers, shapes = plan_shapes(digits.shapes(), rows["_region"], book, choice)
    head = rows["plain"].str.slice(0, 10)
    maybe = rows["plain"].str.starts_with("0")
    never = head.is_in(list(NEVER)) | (maybe & rows["plain"].str.contains(ZEROS))
    kinds = shapes.table.select("structure", "time")[numbers]
    frame = pl.DataFrame(
        [rows["_at"], pl.int_range(rows.height, dtype=pl.UInt32, eager=True).alias("row"),
         numbers, digits.begins, *kinds]
    ).filter(~never)  # fmt: skip
    pieces = [pl.DataFrame(schema=_OUTCOME)]
    for part in frame.partition_by("structure"):
        structure = shapes.structures[part.item(0, "structure")]
        if structure.kind == "refused":
            pieces.append(_invalid(part, rows, structure))
        elif structure.kind == "epoch":
            pieces.append(_moments(part.filter(pl.col("time") == 0), rows, told))
        elif structure.kind == "serial":
            pieces.append(_serials(part.filter(pl.col("time") == 0), rows, told, choice.system))
        elif structure.kind == "dated":
            for piece in _by_time(part):
                if piece.height >= _FEW:
                    pieces += _dated(piece, rows, structure, shapes, digits, told)
    return pl.concat([piece.select(_OUTCOME.names()) for piece in pieces])


def _moments(part: pl.DataFrame, rows: pl.DataFrame, told: Told) -> pl.DataFrame:
    """Turn counts of seconds or milliseconds since 1970 into days or moments."""
    seconds = rows["plain"].gather(part["row"]).str.slice(0, 10)
    counted = seconds.str.starts_with("1")
    part, seconds = part.filter(counted), seconds.filter(counted).cast(pl.Int64)
    moment = pl.from_epoch(seconds, time_unit="s").dt
    clock = moment.to_string("%H:%M:%S")
    day = moment.to_string("%Y-%m-%dT%H:%M:%S+00:00" if told.moments else "%Y-%m-%d")
    dropped = pl.concat_str(pl.lit("time "), "clock", pl.lit(" is dropped"))
    return pl.DataFrame([part["_at"], day.alias("value"), clock.alias("clock")]).select(
        "_at",
        "value",
        status=pl.lit("repaired"),
        codes=pl.lit(["STD412"] if told.moments else ["STD412", "STD411"]),
        message=_NO_TEXT if told.moments else dropped,
        confidence=pl.lit(0.9),
        alternatives=_NONE,
    )


def _serials(part: pl.DataFrame, rows: pl.DataFrame, told: Told, system: str) -> pl.DataFrame:
    """Turn whole day numbers of a spreadsheet into days."""
    texts = rows["plain"].gather(part["row"])
    whole = texts.str.contains("^[1-9][0-9]{4}$")
    part, numbers = part.filter(whole), texts.filter(whole).cast(pl.Int32)
    days_ = (numbers - (_FIRST_DAY - EPOCHS[system]).days).cast(pl.Date)
    written = days_.dt.to_string("%Y-%m-%dT00:00:00" if told.moments else "%Y-%m-%d")
    return pl.DataFrame([part["_at"], written.alias("value")]).select(
        "_at",
        "value",
        status=pl.lit("repaired"),
        codes=pl.lit(["STD405"]),
        message=_NO_TEXT,
        confidence=pl.lit(0.95),
        alternatives=_NONE,
    )


def _by_time(part: pl.DataFrame) -> Iterator[pl.DataFrame]:
    timed = part["time"] > 0
    if timed.any():
        yield part.filter(timed)
        yield part.filter(~timed)
    else:
        yield part


def _invalid(part: pl.DataFrame, rows: pl.DataFrame, structure: Structure) -> pl.DataFrame:
    """Keep texts as they came, with the reason."""
    code, why = structure.refusal
    short = rows["tidied"].gather(part["row"]).str.slice(0, 40)
    return pl.DataFrame([part["_at"], short, rows["text"].gather(part["row"])]).select(
        "_at",
        value="text",
        status=pl.lit("invalid"),
        codes=pl.lit([code]),
        message=pl.concat_str(pl.lit("'"), "tidied", pl.lit(f"' {why}")),
        confidence=pl.lit(0.0),
        alternatives=_NONE,
    )


def _dated(
    part: pl.DataFrame, rows: pl.DataFrame, structure: Structure, shapes: Shapes, digits: Digits,
    told: Told,
) -> Iterator[pl.DataFrame]:  # fmt: skip
    """Read the rows of one structure, each group of candidates after the other."""
    timed = part.item(0, "time") > 0
    if timed:
        part = with_clock(part, shapes, digits)
    candidates = [c for group in structure.groups for c in group.candidates]
    slots = {slot for c in candidates for slot in (c.year, c.month, c.day) if slot is not None}
    part = part.with_columns(
        pl.lit(shapes.table["month"]).gather("shape").alias("named"),
        *(shapes.number(slot, digits).alias(_name(slot)) for slot in slots),
    )
    for at, candidate in enumerate(candidates):
        names = (_name(candidate.year), _month(candidate), _name(candidate.day))
        part = with_key(part, at, candidate.calendar, candidate.shift, names)
    at = 0
    for rank, group in enumerate(structure.groups):
        keys = [f"key_{at + number}" for number in range(len(group.candidates))]
        later = [f"key_{number}" for number in range(at + len(keys), len(candidates))]
        habit = later if rank == 0 and structure.told else []
        found = pl.any_horizontal(pl.col(key).is_not_null() for key in keys)
        some = part.filter(found)
        if len(keys) > 1:
            yield _ambiguous(some.filter(_differ(keys)), rows, keys, told.evidence)
            some = some.filter(~_differ(keys))
        yield _chosen(some, rows, group, at, habit, timed=timed, told=told)
        part = part.filter(~found)
        at += len(keys)
        if part.is_empty():
            return
    yield _invalid(part, rows, structure)


def _name(slot: Slot) -> str:
    return f"number_{slot.run}_{slot.start}_{slot.length}"


def _month(candidate: Candidate) -> str:
    return "named" if candidate.month is None else _name(candidate.month)


def _differ(keys: Sequence[str]) -> pl.Expr:
    """Tell whether candidates of one rank give different days."""
    return pl.min_horizontal(keys) != pl.max_horizontal(keys)


def _ambiguous(
    part: pl.DataFrame, rows: pl.DataFrame, keys: Sequence[str], evidence: str
) -> pl.DataFrame:
    """Keep texts that two days explain, and name both; those of three are for the scalar."""
    iso = pl.lit(days())
    low, high = pl.min_horizontal(keys), pl.max_horizontal(keys)
    two = pl.all_horizontal(
        (pl.col(key).is_null() | (pl.col(key) == low) | (pl.col(key) == high)) for key in keys
    )
    part = part.filter(two).with_columns(_low=iso.gather(low), _high=iso.gather(high))
    return part.select(
        "_at",
        value=rows["text"].gather(part["row"]),
        status=pl.lit("ambiguous"),
        codes=pl.lit(["STD404"]),
        message=pl.concat_str(
            pl.lit("may be "), "_low", pl.lit(" or "), "_high", pl.lit(evidence and f"; {evidence}")
        ),
        confidence=pl.lit(0.0),
        alternatives=pl.concat_list("_low", "_high"),
    )


def _chosen(
    part: pl.DataFrame, rows: pl.DataFrame, group: Group, at: int, habit: Sequence[str],
    *, timed: bool, told: Told,
) -> pl.DataFrame:  # fmt: skip
    """Write the day that a group of candidates gives, with what is to be told about it."""
    own = range(at, at + len(group.candidates))
    keys = [pl.col(f"key_{number}") for number in own]
    first = pl.coalesce(keys)
    iso = pl.lit(days())
    part = part.with_columns(
        rows["text"].gather(part["row"]).alias("text"),
        value=iso.gather(first),
        message=_message(part, group, own),
        code=pl.lit(group.codes[0]) if group.codes else _own(part, "code", own, _NO_TEXT),
        other=_other(part, group, own),
    )
    differs = [(pl.col(key) != first).fill_null(value=False) for key in habit]
    no = pl.lit(value=False)
    part = part.with_columns(habit=pl.any_horizontal(differs) if differs else no, dropped=no)
    part = _with_told(part, told, timed=timed)
    same = (pl.col("value") == pl.col("text")) & (group.status == "normalised")
    doubt = pl.when(pl.col("code") == "STD417").then(0.8).otherwise(group.confidence)
    return part.select(
        "_at",
        "value",
        status=pl.when(same).then(pl.lit("unchanged")).otherwise(pl.lit(group.status)),
        codes=pl.lit(code_lists()).gather(code_number(same)),
        message="message",
        confidence=doubt.fill_null(group.confidence),
        alternatives=_lists(part["other"]),
    )


def _message(part: pl.DataFrame, group: Group, own: Sequence[int]) -> pl.Expr:
    if group.codes:
        told = [group.message.format(order=c.order) or None for c in group.candidates]
        chosen = pl.lit(told[-1], dtype=pl.String)
        for number, text in zip(own[-2::-1], told[-2::-1], strict=True):
            chosen = (
                pl.when(pl.col(f"key_{number}").is_not_null()).then(pl.lit(text)).otherwise(chosen)
            )
        return chosen
    return _own(part, "message", own, _NO_TEXT)


def _other(part: pl.DataFrame, group: Group, own: Sequence[int]) -> pl.Expr:
    other = _own(part, "other", own, pl.lit(None, dtype=pl.Int32))
    return _NO_TEXT if group.codes else pl.lit(days()).gather(other)


def _with_told(part: pl.DataFrame, told: Told, *, timed: bool) -> pl.DataFrame:
    """Add the time of day to the value, or tell that it is dropped; tell what the column proves."""
    if told.evidence:
        decided = pl.col("habit") | (pl.col("code") == "STD402").fill_null(value=False)
        proof = pl.when(decided).then(pl.lit(told.evidence))
        part = part.with_columns(message=pl.coalesce("message", proof))
    if told.moments:
        clock = pl.concat_str("clock", "zone") if timed else pl.lit("00:00:00")
        part = part.with_columns(value=pl.concat_str("value", pl.lit("T"), clock))
    elif timed:
        dropped = (pl.col("clock") != "00:00:00") | (pl.col("zone") != "")
        lost = pl.concat_str(pl.lit("time "), "clock", pl.lit(" is dropped"))
        part = part.with_columns(
            dropped=dropped, message=pl.coalesce("message", pl.when(dropped).then(lost))
        )
    return part


def _own(part: pl.DataFrame, name: str, own: Sequence[int], none: pl.Expr) -> pl.Expr:
    """Return a column of the first candidate that gives a day, where a candidate has it."""
    chosen = none
    for number in reversed(own):
        column = pl.col(f"{name}_{number}") if f"{name}_{number}" in part.columns else none
        chosen = pl.when(pl.col(f"key_{number}").is_not_null()).then(column).otherwise(chosen)
    return chosen


def _lists(texts: pl.Series) -> pl.Expr:
    if texts.null_count() == len(texts):
        return _NONE
    return pl.when(pl.col("other").is_null()).then(_NONE).otherwise(pl.concat_list("other"))
