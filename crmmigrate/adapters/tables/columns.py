"""How values lie in columns of tables that are there, and back: text of the plan, types of the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl
import sqlalchemy as sa

from crmmigrate.model.catalog import Column

__all__ = ["Cell", "Kind", "cells_of"]


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "boolean"
    DATE = "date"
    MOMENT = "datetime"
    ZONED = "datetime with zone"
    BLOB = "blob"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a table.

    Attributes:
        name: Its name.
        kind: What it holds.
        column: As SQLAlchemy has found it.
        links: Table a foreign key points to, if it is one.
    """

    name: str
    kind: Kind
    column: sa.Column[Any]
    links: str = ""

    def told(self) -> Column:
        """Return the column as a catalog tells it."""
        kind, column = self.column.type, self.column
        length = getattr(kind, "length", None) if isinstance(kind, sa.String) else None
        given = column.server_default is not None or column.identity is not None
        automatic = column.primary_key and bool(column.autoincrement)
        return Column(
            self.name,
            self.kind.value,
            nullable=bool(column.nullable) or given or automatic,
            read_only=column.computed is not None,
            max_length=length,
            choices=tuple(getattr(kind, "enums", ()) or ()),
            references=(self.links,) if self.links else (),
            unique=bool(column.unique),
        )

    def stored(self, value: pl.Expr) -> pl.Expr:
        """Return what is written for a text of the plan; a blank is no value save in texts."""
        if self.kind in {Kind.TEXT, Kind.BLOB}:
            return value
        filled = pl.when(value != "").then(value)
        if self.kind is Kind.FLAG:
            lowered = filled.str.to_lowercase()
            return lowered.replace({"true": "1", "false": "0"})
        if self.kind is Kind.MOMENT:
            return _in_utc(filled).str.replace("T", " ").str.replace(r"(?:Z|\+00:00)$", "")
        if self.kind is Kind.LINK:
            return filled.str.replace(r"^[^:]*:", "")
        return filled

    def selected(self) -> sa.ColumnElement[Any]:
        """Return what is asked of the database: text, save for bytes."""
        if self.kind is Kind.BLOB:
            return self.column.label(self.name)
        return sa.cast(self.column, sa.String).label(self.name)

    def read(self) -> pl.Expr:
        """Return the text of the plan for what was read."""
        value = pl.col(self.name)
        if self.kind is Kind.FLAG:
            told = {"1": "true", "0": "false", "t": "true", "f": "false"}
            return value.str.to_lowercase().replace(told)
        if self.kind in {Kind.MOMENT, Kind.ZONED}:
            return _iso(value, zoned=self.kind is Kind.ZONED)
        if self.kind is Kind.LINK:
            return pl.concat_str(pl.lit(f"{self.links}:"), value)
        return value

    def unfit(self, value: pl.Expr) -> tuple[pl.Expr, str, str] | None:
        """Return which texts would be changed without a word, with code and reason; None if none."""
        filled = (value != "").fill_null(value=False)
        if self.kind is Kind.FLAG:
            known = value.str.to_lowercase().is_in(["true", "false"])
            return filled & ~known, "INVALID_BOOLEAN", "the value is neither true nor false"
        if self.kind is Kind.LINK:
            known = value.str.starts_with(f"{self.links}:")
            return filled & ~known, "INVALID_LINK", "the value is no link to a record"
        if self.kind is Kind.DATE:
            known = value.str.contains(r"^\d{4}-\d\d-\d\d$")
            return filled & ~known, "INVALID_DATE", "the value is no date of the form YYYY-MM-DD"
        if self.kind in {Kind.MOMENT, Kind.ZONED}:
            known = value.str.contains(r"^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)")
            return filled & ~known, "INVALID_DATETIME", "the value is no point in time in ISO 8601"
        if self.kind is Kind.NUMBER:
            return filled & ~value.str.contains(self._number()), "INVALID_NUMBER", self._wanted()
        return None

    def _scale(self) -> int | None:
        kind: Any = self.column.type
        if isinstance(kind, sa.Integer):
            return 0
        exact = isinstance(kind, sa.Numeric) and not isinstance(kind, sa.Float)
        return kind.scale if exact else None

    def _number(self) -> str:
        scale = self._scale()
        if scale is None:
            return r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$"
        decimals = rf"(?:\.\d{{0,{scale}}}0*)?"
        return rf"^[+-]?(?:\d+{decimals}|\.\d{{1,{scale}}}0*)$" if scale else r"^[+-]?\d+(?:\.0*)?$"

    def _wanted(self) -> str:
        scale = self._scale()
        if scale is None:
            return "the value is no number"
        return f"the value is no number of at most {scale} decimals; the column would round it"


def _in_utc(value: pl.Expr) -> pl.Expr:
    """Return points in time with a zone in UTC; those without one as they are."""
    text = value.str.replace(r"[zZ]$", "+00:00").str.replace(r"^(\S{10}) ", "${1}T")
    instant = pl.coalesce(
        text.str.to_datetime(form, strict=False, time_unit="us")
        for form in ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z")
    )
    return pl.coalesce(instant.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), value)


def _iso(value: pl.Expr, *, zoned: bool) -> pl.Expr:
    """Return what a database shows of a point in time in ISO 8601."""
    text = value.str.replace(r"^(\S{10}) ", "${1}T").str.replace(r"(\.\d*?)0+$", "${1}")
    text = text.str.replace(r"\.$", "").str.replace(r"[+-]00(?::?00)?$", "Z")
    if zoned:
        return text
    bare = text.str.contains(r"T[\d:.]+$")
    return pl.when(bare).then(text + "Z").otherwise(text)


def cells_of(table: sa.Table, keyed: Mapping[str, str]) -> Iterator[Cell]:
    """Yield the columns of a table.

    Args:
        table: As it was found.
        keyed: Table → the one column of its primary key.
    """
    for column in table.columns:
        kind, links = _kind(column), ""
        for key in column.foreign_keys:
            name = key.column.table.name
            if keyed.get(name) == key.column.name:
                kind, links = Kind.LINK, name
        yield Cell("".join(column.name), kind, column, "".join(links))


_KINDS: Sequence[tuple[tuple[type[object], ...], Kind]] = (
    ((sa.Boolean,), Kind.FLAG),
    ((sa.DateTime,), Kind.MOMENT),
    ((sa.Date,), Kind.DATE),
    ((sa.LargeBinary,), Kind.BLOB),
    ((sa.Integer, sa.Numeric), Kind.NUMBER),
)


def _kind(column: sa.Column[Any]) -> Kind:
    kind = column.type
    found = next((k for types, k in _KINDS if isinstance(kind, types)), Kind.TEXT)
    if found is Kind.MOMENT and getattr(kind, "timezone", False):
        return Kind.ZONED
    tiny = found is Kind.NUMBER and getattr(kind, "display_width", None) == 1
    return Kind.FLAG if tiny else found
