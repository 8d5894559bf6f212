"""One value at a time: text as our operations hold it, cells as `load` takes them, and back."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import tzinfo
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
from crmmigrate.adapters.odoo.fields import Form, Slot
from crmmigrate.adapters.odoo.rich_text import html_of, text_of

__all__ = ["as_kept", "from_wire", "to_cell"]

_DIGITS = 10
"""Most digits of an id, which is an integer of four bytes."""


def to_cell(slot: Slot, value: Value, zone: tzinfo) -> str:
    """Return the cell that `load` takes for a value that is not null.

    Args:
        slot: The column.
        value: Text, or bytes for binary columns.
        zone: Of points in time that name none.

    Raises:
        BadValueError: there is no such cell.
    """
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    text = str(value)
    if "\x00" in text:
        raise BadValueError("INVALID_TEXT", "holds a NUL, which Odoo cannot store")
    if slot.form is Form.TEXT and slot.size is not None and len(text) > slot.size:
        raise BadValueError("TOO_LONG", f"is longer than the {slot.size} characters Odoo keeps")
    convert = _TO_CELL.get(slot.form)
    return text if convert is None else convert(slot, text, zone)


def from_wire(slot: Slot, value: object) -> Value:
    """Return what `read` gives for a column as our text; Odoo's False is null."""
    if slot.form is Form.BOOLEAN:
        return "true" if value else "false"
    if value is None or value is False or value == "":
        return None
    convert = _FROM_WIRE.get(slot.form)
    return str(value) if convert is None else convert(slot, value)


def as_kept(slot: Slot, value: Value, zone: tzinfo) -> Value:
    """Return a value as it will be read back; one that cannot be stored stays as it is."""
    if not value:
        return _BLANK.get(slot.form)
    if isinstance(value, bytes):
        return value
    try:
        cell = to_cell(slot, value, zone)
    except BadValueError:
        return value
    if slot.form in _LISTED:
        return _in_order(slot, value)
    if slot.form is Form.BOOLEAN:
        return cell
    return from_wire(slot, float(cell) if slot.form is Form.NUMBER else cell)


def _in_order(slot: Slot, value: str) -> str:
    if slot.form is Form.WORDS:
        return ", ".join(split_words(value))
    if slot.form is Form.LINKS:
        return " ".join(sorted(set(value.split()), key=lambda v: (len(v), v)))
    return value


def _integer(_slot: Slot, text: str, _zone: tzinfo) -> str:
    return whole(text)


def _number(_slot: Slot, text: str, _zone: tzinfo) -> str:
    return format(finite(text), "f")


def _boolean(_slot: Slot, text: str, _zone: tzinfo) -> str:
    return "true" if boolean(text) else "false"


def _date(_slot: Slot, text: str, _zone: tzinfo) -> str:
    return day(text).isoformat()


def _datetime(_slot: Slot, text: str, zone: tzinfo) -> str:
    """Return the UTC that Odoo stores, to the second."""
    return moment(text, zone).replace(tzinfo=None, microsecond=0).isoformat(" ")


def _choice(slot: Slot, text: str, _zone: tzinfo) -> str:
    return one_of(text, slot.choices)


def _link(slot: Slot, text: str, _zone: tzinfo) -> str:
    return str(link(text, _DIGITS, slot.references)[1])


def _links(slot: Slot, text: str, zone: tzinfo) -> str:
    return ",".join(_link(slot, word, zone) for word in text.split())


def _any_link(_slot: Slot, text: str, _zone: tzinfo) -> str:
    link(text, _DIGITS)
    return text


def _html(_slot: Slot, text: str, _zone: tzinfo) -> str:
    return html_of(text)


_TO_CELL: Mapping[Form, Callable[[Slot, str, tzinfo], str]] = MappingProxyType(
    {
        Form.ANY_LINK: _any_link,
        Form.BOOLEAN: _boolean,
        Form.CHOICE: _choice,
        Form.DATE: _date,
        Form.DATETIME: _datetime,
        Form.HTML: _html,
        Form.INTEGER: _integer,
        Form.LINK: _link,
        Form.LINKS: _links,
        Form.NUMBER: _number,
        Form.PERSON: _link,
    }
)


def _read_number(_slot: Slot, value: object) -> Value:
    return str(value) if isinstance(value, int | str) else plain(Decimal(repr(value)))


def _read_bytes(_slot: Slot, value: object) -> Value:
    return b64decode(str(value))


def _read_html(_slot: Slot, value: object) -> Value:
    return text_of(str(value)) or None


def _read_moment(_slot: Slot, value: object) -> Value:
    return str(value)[:19].replace(" ", "T") + "Z"


def _read_link(slot: Slot, value: object) -> Value:
    return f"{slot.relation}:{value[0] if isinstance(value, list) else value}"


def _read_links(slot: Slot, value: object) -> Value:
    numbers = sorted(value) if isinstance(value, list) else [value]
    return " ".join(f"{slot.relation}:{number}" for number in numbers) or None


_FROM_WIRE: Mapping[Form, Callable[[Slot, object], Value]] = MappingProxyType(
    {
        Form.BINARY: _read_bytes,
        Form.DATETIME: _read_moment,
        Form.HTML: _read_html,
        Form.INTEGER: _read_number,
        Form.LINK: _read_link,
        Form.LINKS: _read_links,
        Form.NUMBER: _read_number,
    }
)
_LISTED = frozenset({Form.ANY_LINK, Form.LINK, Form.LINKS, Form.PERSON, Form.WORDS})
_BLANK: Mapping[Form, str] = MappingProxyType(
    {Form.BOOLEAN: "false", Form.INTEGER: "0", Form.NUMBER: "0"}
)
"""What Odoo keeps where nothing is: flags and numbers cannot be empty."""
