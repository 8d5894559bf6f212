"""Values of a database driver to arrow columns of one type each."""

import datetime as dt
import json
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from crmmigrate.adapters.base import RAW_TEXT, REJECTED
from crmmigrate.adapters.batches import RowFate, assemble, kept_text
from crmmigrate.adapters.text_lines import has_undecodable, show_undecodable

__all__ = ["ColumnReader", "number_rows", "set_damaged_aside", "value_text"]

_SQLITE = {"integer": pa.int64(), "real": pa.float64(), "text": pa.string(), "blob": pa.binary()}


def value_text(value: object) -> str | None:
    """Write any value as text: plain decimals, ISO dates, lower-case booleans."""
    if value is None or isinstance(value, str):
        return value
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return write(value)
    return str(value)


def _float_text(value: float) -> str | None:
    if math.isnan(value):
        return None
    if math.isfinite(value) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str | None]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, _float_text),
    (Decimal, lambda value: format(value, "f")),
    ((dt.date, dt.time), lambda value: str(value.isoformat())),
    (
        (bytes, bytearray, memoryview),
        lambda value: bytes(value).decode("utf-8", "backslashreplace"),
    ),
    ((dict, list, tuple), lambda value: json.dumps(value, ensure_ascii=False, default=str)),
)


class ColumnReader:
    """One column over all batches; its type is settled by the first values, text if in doubt."""

    def __init__(self, stored: frozenset[str] | None) -> None:
        self._type: pa.DataType | None = None
        if stored is not None:
            alone = next(iter(stored)) if len(stored) == 1 else ""
            self._type = _SQLITE.get(alone, pa.string())

    def read(self, values: Sequence[object]) -> pa.Array:
        """Return the values as an array of the column's type."""
        if self._type is None:
            self._type = _common_type(values)
        kind = self._type
        if pa.types.is_string(kind):
            return pa.array([_clean(value_text(value)) for value in values], kind)
        if pa.types.is_binary(kind):
            return pa.array([None if v is None else bytes(v) for v in values], kind)  # type: ignore[call-overload]
        return pa.array(values, kind)


def set_damaged_aside(
    columns: Sequence[Sequence[object]], first: int
) -> tuple[list[Sequence[object]], list[RowFate]]:
    """Empty the rows that hold undecodable text or NUL characters, and say why.

    Args:
        columns: Values by column.
        first: Running number of the first row.
    """
    why: dict[int, str] = {}
    for values in columns:
        for index, value in enumerate(values):
            if isinstance(value, str) and (code := _damage(value)):
                why.setdefault(index, code)
    if not why:
        return list(columns), []
    fates = []
    for index, code in sorted(why.items()):
        text = "\t".join(value_text(values[index]) or "" for values in columns)
        shown = kept_text(show_undecodable(text)).replace("\0", "\\x00")
        fates.append(RowFate(first + index, rejected=code, text=shown))
    kept = [[None if i in why else v for i, v in enumerate(values)] for values in columns]
    return list(kept), fates


def number_rows(data: pa.Table, first: int, damaged: Sequence[RowFate]) -> pa.Table:
    """Put the reserved columns before the data of one part."""
    table = assemble(pa.array(range(first, first + data.num_rows), pa.int64()), data)
    if not damaged:
        return table
    codes: list[str | None] = [None] * data.num_rows
    texts: list[str | None] = [None] * data.num_rows
    for fate in damaged:
        codes[fate.row - first], texts[fate.row - first] = fate.rejected, fate.text
    for name, values in ((REJECTED, codes), (RAW_TEXT, texts)):
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(values, pa.string()))
    return table


def _damage(text: str) -> str | None:
    if "\0" in text:
        return "EXT106"
    return "EXT105" if has_undecodable(text) else None


def _clean(text: str | None) -> str | None:
    """Keep what arrow can hold: a lone surrogate is shown by its number."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def _common_type(values: Sequence[object]) -> pa.DataType:
    """Return the type of all values that are not null; text for none or several."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) != 1:
        return pa.string()
    kind = kinds.pop()
    if issubclass(kind, dt.datetime):
        aware = any(isinstance(v, dt.datetime) and v.tzinfo is not None for v in values)
        return pa.string() if aware else pa.timestamp("us")
    if issubclass(kind, bytes | bytearray | memoryview):
        return pa.binary()
    if kind is int:
        big = any(isinstance(v, int) and not -(2**63) <= v < 2**63 for v in values)
        return pa.string() if big else pa.int64()
    plain = {bool: pa.bool_(), float: pa.float64(), dt.date: pa.date32()}
    return plain.get(kind, pa.string())
