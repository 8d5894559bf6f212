"""Read numbers and amounts by the shape of their text: signs once a shape, digits by copying.

Which sign parts thousands, what stands for the currency, where the minus is: all of it is seen in
a shape (the text with every digit alike), as long as no digit but the first is asked for being 0.
So the scalar reads one example of each shape, and the digits of every row are put in its place.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl
import pyarrow as pa

from crmmigrate.standardize.distinct import find_distinct
from crmmigrate.standardize.lanes import Placed
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import Outcome, tidy

__all__ = ["read_figures"]

_ALIKE = bytes.maketrans(b"0123456789", b"1111111111")
_OTHERS = bytes(code for code in range(256) if not 48 <= code <= 57)
_LONGEST = 60
_EXAMPLE = "123456789" * 7
_FIRST = r"(^|[^1.,'’\s])"
_END = r"(?:$|[^1.,'’\s]|\s[^1])"
_ONE = rf"{_FIRST}1{{2,3}}([.,'’\s]111(?:[^1]|$)|[.,]11{_END})"
_MANY = rf"{_FIRST}1{{5,}}"
"""Before a group or two decimals one, two and three digits are read alike, and so are all from four."""

_WRITTEN = re.compile(r"(-?)(\d*)(?:\.(\d+))?")
_TEXT_LIST = pl.List(pl.String)

Read = Callable[[str, str | None], Outcome]


@dataclass(frozen=True, slots=True)
class _Form:
    """How the digits of a text are written as a number.

    Attributes:
        negative: A minus stands before it.
        decimals: Digits behind the decimal point.
        padded: Noughts that are written behind the digits (`12k`).
        leading: A nought is written before the digits (`.5`).
    """

    negative: bool = False
    decimals: int = 0
    padded: int = 0
    leading: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all texts of some shapes have in common.

    Attributes:
        form: How the number is written; None where the text stays as it came.
        other: How its other reading is written.
        currency: Code of the currency.
        status: Status of the outcome, and its other columns.
        codes: Rules that fired.
        message: What is told; where `quoted`, behind the text in quotation marks.
        quoted: The text stands before the message.
        confidence: How sure the reading is.
        alternatives: Further readings that are no numbers.
        kept: The text stays, though the number is known.
    """

    form: _Form | None
    other: _Form | None
    currency: str | None
    status: str
    codes: tuple[str, ...]
    message: str | None
    quoted: bool
    confidence: float
    alternatives: tuple[str, ...]
    kept: bool = False


def read_figures(
    texts: pl.Series, regions: pl.Series, read: Read, parts: Sequence[str] = ()
) -> Placed:
    """Read the rows whose shape is read without regard to single digits.

    Args:
        texts: The cells; at most one number is copied from each.
        regions: Region of each.
        read: The scalar reader.
        parts: Parts of the outcome; `amount` is the number, others are the same for a shape.
    """
    plain = _with_ascii_digits(texts)
    shapes, raw = _shapes(plain)
    distinct = find_distinct(pl.DataFrame({"shape": shapes, "region": regions}))
    counts = distinct.rows["shape"].str.count_matches("1", literal=True).cast(pl.Int64)
    count = counts.gather(distinct.at).fill_null(0)
    digits = _digits(raw, count)
    foreign = (plain != texts).cast(pl.UInt32).fill_null(0)
    which = distinct.at * 4 + digits.str.starts_with("0").cast(pl.UInt32) * 2 + foreign
    kinds, kind = _planned_all(read, distinct.rows, which)
    rows = pl.DataFrame({"text": texts, "digits": digits, "count": count, "kind": kind})
    return _placed(rows, kinds, parts)


def _shapes(plain: pl.Series) -> tuple[pl.Series, bytes]:
    """Return the texts with every digit as 1, and the bytes of all texts."""
    array = plain.rechunk().to_arrow().cast(pa.large_string())
    valid, offsets, data = array.buffers()
    raw = data.to_pybytes() if data is not None else b""
    same = pa.py_buffer(raw.translate(_ALIKE))
    alike = pa.LargeStringArray.from_buffers(
        len(array), offsets, same, valid, array.null_count, array.offset
    )
    return pl.Series("shape", pl.from_arrow(alike)), raw


def _planned_all(
    read: Read, distinct: pl.DataFrame, which: pl.Series
) -> tuple[list[_Kind], pl.Series]:
    """Plan every shape; return the kinds there are and the number of each row's, null for none."""
    short = pl.col("shape").str.len_bytes() <= _LONGEST
    alike = pl.col("shape").str.replace(_ONE, "${1}1${2}").str.replace(_MANY, "${1}1111")
    usual = short & pl.col("shape").str.contains("1", literal=True)
    present = which.unique()
    nought = pl.lit(present // 2 % 2 == 1)
    shapes = distinct[present // 4].select(
        pl.when(usual & nought).then("shape").when(usual).then(alike), "region"
    )
    known: dict[tuple[object, ...], _Kind | None] = {}
    kinds: dict[_Kind, int] = {}
    found = []
    for at, (shape, region) in zip(present, shapes.iter_rows(), strict=True):
        key = (shape, region, at % 4)
        if key not in known:
            signs = {"nought": bool(at & 2), "foreign": bool(at & 1)}
            known[key] = shape and _planned(read, shape, region, **signs)
        kind = known[key]
        found.append(None if not kind else kinds.setdefault(kind, len(kinds)))
    table = pl.repeat(None, 4 * distinct.height, dtype=pl.UInt32, eager=True)
    table = table.scatter(present, pl.Series(found, dtype=pl.UInt32))
    return list(kinds), table.gather(which)


def _with_ascii_digits(texts: pl.Series) -> pl.Series:
    if not (texts.str.len_bytes() != texts.str.len_chars()).any():
        return texts
    foreign = texts.str.contains(r"[\p{Nd}--0-9]")
    if not foreign.any():
        return texts
    return (
        texts.to_frame("text")
        .select(
            pl.when(foreign).then(pl.col("text").str.replace_many(_foreign())).otherwise("text")
        )
        .to_series()
    )


@cache
def _foreign() -> Mapping[str, str]:
    """Return every decimal digit of Unicode beyond ASCII with its ASCII digit."""
    every = map(chr, range(128, 0x20000))
    return {sign: to_ascii_digits(sign) for sign in every if sign.isdecimal()}


def _digits(raw: bytes, counts: pl.Series) -> pl.Series:
    """Return the digits of each row: those of the whole column, cut where each row's end."""
    every = raw.translate(None, _OTHERS)
    ends = pl.concat([pl.Series([0], dtype=pl.Int64), counts.cum_sum()])
    cut = pa.LargeStringArray.from_buffers(
        len(counts), ends.to_arrow().buffers()[1], pa.py_buffer(every)
    )
    return pl.Series("digits", pl.from_arrow(cut))


def _planned(
    read: Read, shape: str, region: str | None, *, nought: bool, foreign: bool
) -> _Kind | None:
    """Read an example of a shape; None where single digits may matter."""
    count = shape.count("1")
    digits = (("0" if nought else "") + _EXAMPLE)[:count]
    follow = iter(digits)
    example = "".join(next(follow) if sign == "1" else sign for sign in shape)
    outcome = read(example, region)
    number = outcome.parts.get("amount") if outcome.parts else outcome.value
    if outcome.confidence == 0:
        return None if foreign or nought else _refused(example, outcome)
    foreign_figure = foreign and (outcome.status == "unchanged" or "STD457" in outcome.codes)
    if number is None or foreign_figure:
        return None
    form = _form_of(number, digits)
    if form is None or (form.negative and nought) or _has_digit(outcome.message):
        return None
    forms = [_form_of(text, digits) for text in outcome.alternatives]
    other = forms[0] if forms else None
    words = other is None and not any(map(_has_digit, outcome.alternatives))
    if forms and not words and (other is None or len(forms) > 1):
        return None
    fixed = outcome.alternatives if other is None else ()
    kept = outcome.status == "ambiguous"
    if kept and outcome.value != example:
        return None
    return _Kind(form, other, outcome.parts.get("currency"), outcome.status, outcome.codes,
                 outcome.message, False, outcome.confidence, fixed, kept)  # fmt: skip


def _refused(example: str, outcome: Outcome) -> _Kind | None:
    """Keep texts of a shape that is no number; None where the reason names single digits."""
    message, raw = outcome.message or "", tidy(example)
    quoted = message.startswith(f"'{raw[:40]}'")
    if quoted:
        message = message[len(raw[:40]) + 1 :]
    if outcome.alternatives or _has_digit(message) or not example.isascii() or raw != example:
        return None
    return _Kind(None, None, None, outcome.status, outcome.codes, message, quoted, 0.0, ())


def _has_digit(text: str | None) -> bool:
    return any(sign.isdecimal() for sign in text or "")


_MOST_NOUGHTS = 9
"""Of a billion."""


def _form_of(number: str, digits: str) -> _Form | None:
    match = _WRITTEN.fullmatch(number)
    if match is None:
        return None
    whole, decimals = match[2], match[3] or ""
    written = whole + decimals
    for padded in range(len(decimals) + 1 if decimals else _MOST_NOUGHTS + 1):
        for leading in (False, True):
            if written == "0" * leading + digits + "0" * padded and not (
                leading and len(whole) > 1
            ):
                return _Form(match[1] == "-", len(decimals), padded, leading)
    return None


def _placed(rows: pl.DataFrame, kinds: Sequence[_Kind], parts: Sequence[str]) -> Placed:
    """Write what each row has of its own, and tell where the rest stands."""
    numbers = _numbers(rows, [kind.form for kind in kinds])
    currency = pl.Series([kind.currency for kind in kinds], dtype=pl.String)
    behind = pl.Series([f" {kind.currency}" if kind.currency else "" for kind in kinds])
    refused = pl.Series([kind.form is None or kind.kept for kind in kinds], dtype=pl.Boolean)
    value = pl.concat_str(pl.lit(numbers), pl.lit(behind.cast(pl.String)).gather("kind"))
    if refused.any():
        value = pl.when(pl.lit(refused).gather("kind")).then("text").otherwise(value)
    row = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    tables = {
        "value": rows.select(value=value).to_series(),
        "amount": numbers,
        "currency": currency,
        "status": pl.Series([kind.status for kind in kinds], dtype=pl.String),
        "codes": pl.Series([list(kind.codes) for kind in kinds], dtype=_TEXT_LIST),
        "message": pl.Series([kind.message for kind in kinds], dtype=pl.String),
        "confidence": pl.Series([kind.confidence for kind in kinds], dtype=pl.Float64),
        "alternatives": pl.Series([list(kind.alternatives) for kind in kinds], dtype=_TEXT_LIST),
    }
    kind = rows["kind"]
    places = {name: row if name in {"value", "amount"} else kind for name in tables}
    own = {"message": _quoting(rows, kinds), "alternatives": _others(rows, kinds)}
    for name, (at, cells) in own.items():
        further = pl.int_range(len(kinds), len(kinds) + len(at), dtype=pl.UInt32, eager=True)
        places[name] = places[name].clone().scatter(at, further)
        tables[name] = pl.concat([tables[name], cells], rechunk=True)
    names = ["value", *parts, *list(tables)[3:]]
    return Placed({n: tables[n] for n in names}, pl.DataFrame(places), kind.is_not_null())


def _numbers(rows: pl.DataFrame, forms: Sequence[_Form | None]) -> pl.Series:
    """Put minus, point and noughts to the digits of each row; null where there is no number."""
    every = [form or _Form() for form in forms]
    before = pl.Series([f"{'-' * f.negative}{'0' * f.leading}" for f in every], dtype=pl.String)
    kept = pl.Series([f.decimals - f.padded for f in every], dtype=pl.Int64)
    point = pl.Series(["." if f.decimals else "" for f in every], dtype=pl.String)
    padding = pl.Series(["0" * f.padded for f in every], dtype=pl.String)
    absent = pl.Series([form is None for form in forms], dtype=pl.Boolean)
    cut = pl.col("count") - pl.lit(kept).gather("kind")
    pieces = [pl.lit(before).gather("kind")] if (before != "").any() else []
    pieces += [pl.col("digits").str.slice(0, cut), pl.lit(point).gather("kind")]
    pieces += [pl.col("digits").str.slice(cut)]
    pieces += [pl.lit(padding).gather("kind")] if (padding != "").any() else []
    number = pl.concat_str(pieces)
    if absent.any():
        number = pl.when(~pl.lit(absent).gather("kind")).then(number)
    return rows.select(number=number).to_series()


_Cells = tuple[pl.Series, pl.Series]
"""Numbers of rows, and their cells."""


def _quoting(rows: pl.DataFrame, kinds: Sequence[_Kind]) -> _Cells:
    """Return the messages that quote the text."""
    quoted = pl.Series([kind.quoted for kind in kinds], dtype=pl.Boolean)
    at = quoted.gather(rows["kind"]).fill_null(value=False).arg_true()
    behind = pl.Series([kind.message for kind in kinds], dtype=pl.String)
    cells = pl.concat_str(
        pl.lit("'"), pl.col("text").str.slice(0, 40), pl.lit(behind).gather("kind")
    )
    return at, rows[at].select(message=cells).to_series()


def _others(rows: pl.DataFrame, kinds: Sequence[_Kind]) -> _Cells:
    """Return the other reading of the rows that have one, as lists."""
    forms = [kind.other for kind in kinds]
    has = pl.Series([form is not None for form in forms], dtype=pl.Boolean)
    at = has.gather(rows["kind"]).fill_null(value=False).arg_true()
    numbers = _numbers(rows[at], forms).to_frame("number")
    return at, numbers.select(alternatives=pl.concat_list("number")).to_series()
