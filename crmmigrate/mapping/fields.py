"""Fill one field, or one part of it, from source rows."""

from dataclasses import dataclass, field

import polars as pl

from crmmigrate.mapping.expressions import evaluate
from crmmigrate.mapping.value_maps import map_values
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.mapping import (
    Constant,
    Expression,
    FieldMapping,
    FromColumn,
    Join,
    ObjectMapping,
    Split,
)
from crmmigrate.model.remarks import Remark

__all__ = ["Filled", "fill_binary", "fill_text"]


@dataclass(frozen=True)
class Filled:
    """Values of one column for every row.

    Attributes:
        values: The column.
        remarks: What there is to say.
        rejects: Reasons to reject rows: code, message and where it holds.
    """

    values: pl.Series
    remarks: tuple[Remark, ...] = ()
    rejects: tuple[tuple[str, str, pl.Series], ...] = field(default=())


def fill_text(frame: pl.DataFrame, mapping: ObjectMapping, mapped: FieldMapping) -> Filled:
    """Return the texts of a field that is no reference and holds no bytes."""
    texts = _origin(frame, mapping, mapped)
    remarks: list[Remark] = []
    rejects: list[tuple[str, str, pl.Series]] = []
    if mapped.values is not None:
        before = texts
        texts, unmapped = map_values(texts, mapped.values)
        rejected = mapped.values.on_unmapped == "reject"
        message = "the value is not in the value map"
        if rejected:
            rejects.append(("MAP205", f"{mapped.target}: {message}", unmapped))
        else:
            remarks.append(Remark("MAP201", mapped.target, unmapped, message, before, texts))
    texts = texts.to_frame("v").select(blank_to_null(pl.col("v"))).to_series()
    if mapped.required:
        empty = texts.is_null()
        rejects.append(("MAP202", f"{mapped.target}: required, but there is no value", empty))
    return Filled(texts.alias(mapped.column), tuple(remarks), tuple(rejects))


def fill_binary(frame: pl.DataFrame, mapping: ObjectMapping, mapped: FieldMapping) -> Filled:
    """Return the bytes of a binary field; texts become their UTF-8 bytes."""
    if isinstance(mapped.origin, FromColumn) and frame.schema[mapped.origin.column] == pl.Binary:
        values = frame.get_column(mapped.origin.column)
    else:
        values = _origin(frame, mapping, mapped).cast(pl.Binary)
    empty = values.is_null() | (values.bin.size() == 0)
    values = values.to_frame("v").select(pl.when(~pl.lit(empty)).then(pl.col("v"))).to_series()
    message = f"{mapped.target}: required, but there is no value"
    rejects = (("MAP202", message, empty),) if mapped.required else ()
    return Filled(values.alias(mapped.column), (), rejects)


def _origin(frame: pl.DataFrame, mapping: ObjectMapping, mapped: FieldMapping) -> pl.Series:
    origin = mapped.origin
    if isinstance(origin, Expression):
        key = f"fields.{mapped.target}"
        result = evaluate(frame, origin.sql, where=mapping.where(key), key=key)
        return result.to_frame("v").select(text_of("v", result.dtype)).to_series()
    if isinstance(origin, FromColumn):
        value = text_of(origin.column, frame.schema[origin.column])
    elif isinstance(origin, Split):
        pieces = text_of(origin.column, frame.schema[origin.column]).str.split(origin.on)
        value = pieces.list.get(origin.part, null_on_oob=True).str.strip_chars()
    elif isinstance(origin, Join):
        parts = [
            blank_to_null(text_of(c, frame.schema[c]).str.strip_chars()) for c in origin.columns
        ]
        value = blank_to_null(pl.concat_str(parts, separator=origin.separator, ignore_nulls=True))
    else:
        text = origin.text if isinstance(origin, Constant) else None
        return pl.repeat(text, frame.height, dtype=pl.String, eager=True)
    return frame.select(value.alias("v")).to_series()
