"""Columns of sources as text: the same text for the same value in any type and any batch."""

from base64 import b64encode

import polars as pl
from polars.datatypes import DataTypeClass

from crmmigrate.model.canonical import RESERVED_COLUMNS

__all__ = ["any_text", "blank_to_null", "is_blank", "raw_text", "text_of"]

_EXACT = 1e15
"""Below it a floating-point number holds every whole number exactly."""


def text_of(column: str, dtype: pl.DataType) -> pl.Expr:
    """Return a column as String; null stays null."""
    return _as_text(pl.col(column), dtype)


def any_text(column: str) -> pl.Expr:
    """Return a column as String where its type is known only when it is read."""
    return pl.col(column).map_batches(_series_text, return_dtype=pl.String, is_elementwise=True)


def _series_text(cells: pl.Series) -> pl.Series:
    return (
        cells.alias("v").to_frame().select(text_of("v", cells.dtype)).to_series().alias(cells.name)
    )


def _as_text(value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if dtype.is_float():
        whole = value.is_finite() & (value == value.round()) & (value.abs() < _EXACT)
        number = pl.when(whole).then(value).cast(pl.Int64, strict=False).cast(pl.String)
        return pl.coalesce(number, value.cast(pl.String))
    if dtype == pl.Binary:
        return value.map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)
    if isinstance(dtype, pl.Datetime):
        zone = "%:z" if dtype.time_zone else ""
        return value.dt.strftime(f"%Y-%m-%dT%H:%M:%S%.f{zone}")
    if isinstance(dtype, pl.List) and not _instance(dtype.inner).is_nested():
        inner = value.list.eval(_as_text(pl.element(), _instance(dtype.inner)))
        return inner.list.join("; ", ignore_nulls=True)
    if dtype.is_nested():
        document = pl.struct(value.alias("v")).struct.json_encode()
        return pl.when(value.is_not_null()).then(document.str.slice(5).str.head(-1))
    return value.cast(pl.String)


def _instance(dtype: DataTypeClass | pl.DataType) -> pl.DataType:
    return dtype() if isinstance(dtype, type) else dtype


def _decoded(cells: pl.Series) -> pl.Series:
    """Return bytes as the text they are, or in base64 where they are none."""
    texts = [None if cell is None else _decoded_cell(cell) for cell in cells]
    return pl.Series(cells.name, texts, dtype=pl.String)


def _decoded_cell(cell: bytes) -> str:
    try:
        return cell.decode()
    except UnicodeDecodeError:
        return b64encode(cell).decode("ascii")


def is_blank(text: pl.Expr) -> pl.Expr:
    """Return whether a text is null or nothing but white space."""
    return text.is_null() | (text.str.strip_chars() == "")


def blank_to_null(text: pl.Expr) -> pl.Expr:
    """Return the text, with null for nothing but white space."""
    return pl.when(~is_blank(text)).then(text)


def raw_text(frame: pl.DataFrame) -> pl.Expr:
    """Return a row as JSON, for lists of rejected and excluded rows; bytes are left out."""
    shown = [
        _json_ready(name, dtype)
        for name, dtype in frame.schema.items()
        if name not in RESERVED_COLUMNS and dtype != pl.Binary
    ]
    return pl.struct(shown).struct.json_encode() if shown else pl.lit("{}")


def _json_ready(name: str, dtype: pl.DataType) -> pl.Expr:
    plain = dtype.is_integer() or dtype.is_float() or dtype in {pl.String, pl.Boolean}
    return (pl.col(name) if plain else text_of(name, dtype)).alias(name)
