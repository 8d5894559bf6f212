"""One value at a time: text as our operations hold it, JSON as Tryton takes and gives it."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from types import MappingProxyType

from crmmigrate.adapters.numbered.values import (
    BadValueError,
    Value,
    boolean,
    day,
    finite,
    link,
    moment,
    one_of,
    plain,
    split_words,
    whole,
)
from crmmigrate.adapters.tryton.fields import Form, Slot

__all__ = ["as_kept", "from_wire", "moment_of", "to_wire"]

_DIGITS = 18
"""Most digits of an id, which may be an integer of eight bytes."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f]|[\ud800-\udfff]")
_BREAKS = re.compile(r"[\t\n]")
_HUNDRED = Decimal(100)


def to_wire(slot: Slot, value: Value, zone: tzinfo) -> object:
    """Return the JSON of a value that is not null.

    Args:
        slot: The column.
        value: Text, or bytes for binary columns.
        zone: Of points in time that name none.

    Raises:
        BadValueError: there is none.
    """
    if isinstance(value, bytes):
        return {"__class__": "bytes", "base64": b64encode(value).decode("ascii")}
    text = str(value)
    if _CONTROLS.search(text):
        raise BadValueError("INVALID_TEXT", "holds a control character, which Tryton refuses")
    if slot.form is Form.TEXT and _BREAKS.search(text):
        raise BadValueError("INVALID_TEXT", "holds a line break or tab, which Tryton refuses here")
    if slot.form is Form.TEXT and slot.size is not None and len(text) > slot.size:
        raise BadValueError("TOO_LONG", f"is longer than the {slot.size} characters Tryton keeps")
    convert = _TO_WIRE.get(slot.form)
    return text if convert is None else convert(slot, text, zone)


def from_wire(slot: Slot, value: object) -> Value:
    """Return what `read` gives for a column as our text; what is blank is null."""
    if slot.form is Form.BOOLEAN:
        return "true" if value else "false"
    if value is None or value == "":
        return None
    convert = _FROM_WIRE.get(slot.form)
    return str(value) if convert is None else convert(slot, value)


def as_kept(slot: Slot, value: Value, zone: tzinfo) -> Value:
    """Return a value as it will be read back; one that cannot be stored stays as it is."""
    if not value:
        return _blank(slot)
    if isinstance(value, bytes):
        return value
    try:
        told = to_wire(slot, value, zone)
    except BadValueError:
        return value
    convert = _KEPT.get(slot.form)
    return from_wire(slot, told) if convert is None else convert(slot, value)


def moment_of(value: object) -> str | None:
    """Return a point in time of Tryton, in UTC with microseconds."""
    if not isinstance(value, Mapping):
        return None
    parts = [int(str(value.get(p) or 0)) for p in ("year", "month", "day", *_CLOCK)]
    return datetime(*parts, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")  # type: ignore[misc, arg-type]


_CLOCK = ("hour", "minute", "second", "microsecond")


def _blank(slot: Slot) -> Value:
    """Return what Tryton keeps where nothing is: records are active, other flags are not set."""
    if slot.form is not Form.BOOLEAN:
        return None
    return "true" if slot.field == "active" else "false"


def _integer(_slot: Slot, text: str, _zone: tzinfo) -> object:
    return int(whole(text))


def _number(_slot: Slot, text: str, _zone: tzinfo) -> object:
    return float(finite(text))


def _percent(_slot: Slot, text: str, _zone: tzinfo) -> object:
    number = finite(text) / _HUNDRED
    if not 0 <= number <= 1:
        raise BadValueError("INVALID_NUMBER", "is no percentage from 0 to 100")
    return float(round(number, 4))


def _decimal(_slot: Slot, text: str, _zone: tzinfo) -> object:
    return {"__class__": "Decimal", "decimal": format(finite(text), "f")}


def _boolean(_slot: Slot, text: str, _zone: tzinfo) -> object:
    return boolean(text)


def _date(_slot: Slot, text: str, _zone: tzinfo) -> object:
    told = day(text)
    return {"__class__": "date", "year": told.year, "month": told.month, "day": told.day}


def _datetime(_slot: Slot, text: str, zone: tzinfo) -> object:
    """Return the UTC that Tryton stores."""
    told = moment(text, zone)
    on = {"year": told.year, "month": told.month, "day": told.day}
    return {"__class__": "datetime", **on, **{part: getattr(told, part) for part in _CLOCK}}


def _choice(slot: Slot, text: str, _zone: tzinfo) -> object:
    return one_of(text, slot.choices)


def _link(slot: Slot, text: str, _zone: tzinfo) -> object:
    return link(text, _DIGITS, slot.references)[1]


def _any_link(_slot: Slot, text: str, _zone: tzinfo) -> object:
    return ",".join(map(str, link(text, _DIGITS)))


def _same(_slot: Slot, text: str) -> Value:
    return text


def _text(slot: Slot, text: str) -> Value:
    return text.strip() or None if slot.stripped else text


def _words(_slot: Slot, text: str) -> Value:
    return ", ".join(split_words(text))


_KEPT: Mapping[Form, Callable[[Slot, str], Value]] = MappingProxyType(
    {
        Form.ANY_LINK: _same,
        Form.KIND: _same,
        Form.LINES: _text,
        Form.LINK: _same,
        Form.TEXT: _text,
        Form.WORD: _same,
        Form.WORDS: _words,
    }
)
_TO_WIRE: Mapping[Form, Callable[[Slot, str, tzinfo], object]] = MappingProxyType(
    {
        Form.ANY_LINK: _any_link,
        Form.BOOLEAN: _boolean,
        Form.CHOICE: _choice,
        Form.DATE: _date,
        Form.DATETIME: _datetime,
        Form.DECIMAL: _decimal,
        Form.INTEGER: _integer,
        Form.KIND: _choice,
        Form.LINK: _link,
        Form.NUMBER: _number,
        Form.PERCENT: _percent,
    }
)


def _read_number(_slot: Slot, value: object) -> Value:
    return plain(Decimal(repr(value) if isinstance(value, float) else str(value)))


def _read_percent(_slot: Slot, value: object) -> Value:
    return plain(Decimal(repr(value) if isinstance(value, float) else str(value)) * _HUNDRED)


def _read_decimal(_slot: Slot, value: object) -> Value:
    told = value.get("decimal") if isinstance(value, Mapping) else value
    return plain(Decimal(str(told)))


def _read_date(_slot: Slot, value: object) -> Value:
    if not isinstance(value, Mapping):
        return str(value)
    return date(int(value["year"]), int(value["month"]), int(value["day"])).isoformat()


def _read_moment(_slot: Slot, value: object) -> Value:
    return moment_of(value)


def _read_bytes(_slot: Slot, value: object) -> Value:
    told = value.get("base64") if isinstance(value, Mapping) else None
    return b64decode(str(told)) if told else None


def _read_link(slot: Slot, value: object) -> Value:
    return f"{slot.relation}:{value}"


def _read_any_link(_slot: Slot, value: object) -> Value:
    return ":".join(str(value).split(",", 1))


_FROM_WIRE: Mapping[Form, Callable[[Slot, object], Value]] = MappingProxyType(
    {
        Form.ANY_LINK: _read_any_link,
        Form.BINARY: _read_bytes,
        Form.DATE: _read_date,
        Form.DATETIME: _read_moment,
        Form.DECIMAL: _read_decimal,
        Form.LINK: _read_link,
        Form.NUMBER: _read_number,
        Form.PERCENT: _read_percent,
    }
)
