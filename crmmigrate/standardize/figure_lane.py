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

from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import Outcome

__all__ = ["read_figures"]

_ALIKE = bytes.maketrans(b"0123456789", b"1111111111")
_OTHERS = bytes(code for code in range(256) if not 48 <= code <= 57)
_EXAMPLE = "123456789" * 5
_LONGEST = 40
_WRITTEN = re.compile(r"(-?)(\d*)(?:\.(\d+))?")
_TEXT_LIST = pl.List(pl.String)

Read = Callable[[str, str | None], Outcome]


@dataclass(frozen=True, slots=True)
class _Form:
    """How the digits of a text are written as a number.

    Attributes:
        negative: A minus stands before it.
        decimals: Digits behind the decimal point.
        padded: A nought is written behind the digits.
        leading: A nought is written before the digits (`.5`).
    """

    negative: bool
    decimals: int
    padded: bool
    leading: bool

    def write(self, digits: pl.Expr) -> pl.Expr:
        """Write digits in this form."""
        pieces = [pl.lit("-" if self.negative else "")]
        kept = self.decimals - self.padded
        whole = digits.str.head(-kept) if kept else digits
        pieces += [pl.lit("0"), whole] if self.leading else [whole]
        if self.decimals:
            tail = digits.str.tail(kept) if kept else pl.lit("")
            pieces += [pl.lit("."), tail, pl.lit("0" if self.padded else "")]
        return pl.concat_str(pieces)


def read_figures(rows: pl.DataFrame, read: Read, parts: Sequence[str] = ()) -> pl.DataFrame:
    """Read the rows whose shape is read without regard to single digits.

    Args:
        rows: `_at`, `text` and `_region`; at most one number is copied from each text.
        read: The scalar reader.
        parts: Parts of the outcome; `amount` is the number, others are the same for a shape.

    Returns:
        `_at` and the outcome columns; rows that are missing are for the scalar.
    """
    usual = rows.filter(
        pl.col("text").str.contains(r"\p{Nd}") & (pl.col("text").str.len_bytes() <= 60)
    )
    if usual.is_empty():
        return fast_frame(pl.DataFrame(schema={"value": pl.String}), parts).with_columns(
            pl.Series("_at", [], dtype=pl.UInt32)
        )
    shaped = _shaped(usual)
    keys = ["shape", "_region", "nought", "foreign"]
    distinct = shaped.select(keys).unique().with_row_index("plan")
    numbers = shaped.join(distinct, on=keys, how="left", nulls_equal=True, maintain_order="left")
    plans = [_planned(read, *row) for row in distinct.select(keys).iter_rows()]
    kinds: dict[object, int] = {}
    kind_of = pl.Series(
        "kind",
        [None if p is None else kinds.setdefault(p, len(kinds)) for p in plans],
        dtype=pl.Int32,
    )
    frame = numbers.select("_at", "digits", kind=kind_of.gather(numbers["plan"])).drop_nulls("kind")
    known = list(kinds)
    pieces = [
        _written(part, known[part.item(0, "kind")], parts) for part in frame.partition_by("kind")
    ]
    empty = fast_frame(pl.DataFrame(schema={"value": pl.String}), parts)
    none = empty.with_columns(pl.Series("_at", [], dtype=pl.UInt32))
    return pl.concat([none, *pieces])


def _shaped(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `shape`, the `digits` by themselves, whether the first is a `nought` and any `foreign`."""
    plain = _with_ascii_digits(rows["text"])
    array = plain.rechunk().to_arrow().cast(pa.large_string())
    valid, offsets, data = array.buffers()
    raw = data.to_pybytes()
    same = pa.py_buffer(raw.translate(_ALIKE))
    shapes = pl.Series(
        "shape",
        pl.from_arrow(
            pa.LargeStringArray.from_buffers(
                len(array), offsets, same, valid, array.null_count, array.offset
            )
        ),
    )
    counts = shapes.str.count_matches("1", literal=True).cast(pl.Int64)
    return rows.with_columns(shapes, _digits(raw, counts).alias("digits")).with_columns(
        nought=pl.col("digits").str.starts_with("0"), foreign=plain != rows["text"]
    )


def _with_ascii_digits(texts: pl.Series) -> pl.Series:
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """What all texts of some shapes have in common."""

    form: _Form
    other: _Form | None
    currency: str | None
    status: str
    codes: tuple[str, ...]
    message: str | None
    confidence: float
    alternatives: tuple[str, ...]


def _planned(
    read: Read, shape: str, region: str | None, nought: bool, foreign: bool
) -> _Kind | None:
    """Read an example of a shape; None where single digits may matter."""
    count = shape.count("1")
    digits = (("0" if nought else "") + _EXAMPLE)[:count]
    follow = iter(digits)
    outcome = read("".join(next(follow) if sign == "1" else sign for sign in shape), region)
    number = outcome.parts.get("amount") if outcome.parts else outcome.value
    if outcome.confidence == 0 or number is None or "STD457" in outcome.codes:
        return None
    if foreign and outcome.status == "unchanged":
        return None
    form = _form_of(number, digits)
    if form is None or (form.negative and nought) or _has_digit(outcome.message):
        return None
    forms = [_form_of(text, digits) for text in outcome.alternatives]
    other = forms[0] if forms else None
    if len(forms) > 1 or (forms and other is None and _has_digit(outcome.alternatives[0])):
        return None
    fixed = outcome.alternatives if other is None else ()
    return _Kind(form, other, outcome.parts.get("currency"), outcome.status, outcome.codes,
                 outcome.message, outcome.confidence, fixed)  # fmt: skip


def _has_digit(text: str | None) -> bool:
    return any(sign.isdecimal() for sign in text or "")


def _form_of(number: str, digits: str) -> _Form | None:
    match = _WRITTEN.fullmatch(number)
    if match is None:
        return None
    whole, decimals = match[2], match[3] or ""
    written = whole + decimals
    for padded in (False, True)[: 2 if decimals else 1]:
        for leading in (False, True):
            if written == "0" * leading + digits + "0" * padded and not (
                leading and len(whole) > 1
            ):
                return _Form(match[1] == "-", len(decimals), padded, leading)
    return None


def _written(rows: pl.DataFrame, kind: _Kind, parts: Sequence[str]) -> pl.DataFrame:
    digits = pl.col("digits")
    number = kind.form.write(digits)
    value = number
    if kind.currency:
        value = pl.concat_str(number, pl.lit(f" {kind.currency}"))
    alternatives = pl.lit(list(kind.alternatives), dtype=_TEXT_LIST)
    if kind.other is not None:
        alternatives = pl.concat_list(kind.other.write(digits))
    told: Mapping[str, pl.Expr] = {"amount": number, "currency": pl.lit(kind.currency, pl.String)}
    written = rows.select(
        "_at",
        value=value,
        **{name: told[name] for name in parts},
        status=pl.lit(kind.status),
        codes=pl.lit(list(kind.codes), dtype=_TEXT_LIST),
        message=pl.lit(kind.message, dtype=pl.String),
        confidence=pl.lit(kind.confidence),
        alternatives=alternatives,
    )
    return fast_frame(written, parts).with_columns(written["_at"])
