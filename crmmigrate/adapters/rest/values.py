"""Values as the API writes them, and as we do: text, ISO 8601, plain decimals, true and false."""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.rest.description import Description
from crmmigrate.model.catalog import Column

__all__ = ["Value", "check_value", "from_wire", "place_of", "same_value", "to_wire"]

Value = str | bytes | None
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_EMAIL = re.compile(r"[^\s@<>\"',;]+@[^\s@<>\"',;]+\.[^\s@<>\"',;.]{2,}")
_PHONE = re.compile(r"(?=(?:\D*\d){3})[0-9A-Za-z_@:#+()\-. ]+")
"""What systems that check telephone numbers take at the most; some demand a number that exists."""
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")
_WHOLE = 10
"""Characters of an ISO date."""


def to_wire(value: Value, kind: str, api: Description) -> object:
    """Return a value as the API takes it; a reference is its bare id."""
    if value is None:
        return None if api.blank == "null" or kind in {"binary", "boolean"} else ""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    writer = _WRITERS.get(kind)
    return value if writer is None else writer(value, api)


def from_wire(value: Any, kind: str, api: Description) -> Value:  # noqa: ANN401 - JSON
    """Return a value of the API as text; a blank one is none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    for told, sign in api.entities.items():
        text = text.replace(told, sign)
    if kind == "binary":
        return base64.b64decode(text)
    if kind == "datetime":
        return _read_instant(text, api)
    return _read_boolean(text) if kind == "boolean" else text


def same_value(sent: Value, stored: Value, kind: str, api: Description) -> bool:
    """Return whether what is stored means what was sent."""
    if sent == stored or (sent in {None, ""} and stored in {None, ""}):
        return True
    if not isinstance(sent, str) or not isinstance(stored, str):
        return kind == "boolean" and {sent, stored} == {None, "false"}
    if kind == "number" and _NUMBER.fullmatch(sent) and _NUMBER.fullmatch(stored):
        return Decimal(sent) == Decimal(stored)
    if kind == "datetime":
        there = to_wire(sent, kind, api)
        return there == to_wire(stored, kind, api)
    return kind == "email" and sent.lower() == stored.lower()


def exact_number(text: str) -> object:
    """Return a number of JSON that means exactly this text; the text itself if there is none."""
    if not _NUMBER.fullmatch(text):
        return text
    told = Decimal(text)
    if told == told.to_integral_value() and abs(told) < 2**53:
        return int(told)
    number = float(told)
    return number if Decimal(repr(number)) == told else text


def check_value(value: Value, column: Column, api: Description) -> Refusal | None:
    """Return why a value must not be sent: many systems store what they do not understand."""
    if value is None or isinstance(value, bytes) or value == "":
        return None
    code, says = _form(value, column.type)
    pattern = api.patterns.get(column.type, "")
    if pattern and not code and not re.fullmatch(pattern, value):
        code, says = f"INVALID_{column.type.upper()}", "is not written as the CRM wants it"
    if code:
        return Refusal(code, column.name, f"the value {says}")
    if column.choices and value not in column.choices:
        listed = ", ".join(column.choices[:20])
        return Refusal(
            "NOT_IN_PICKLIST", column.name, f"the value is not in the picklist: {listed}"
        )
    if column.max_length and column.type in _TEXTS and len(value) > column.max_length:
        says = f"the value is longer than {column.max_length} characters"
        return Refusal("TOO_LONG", column.name, says)
    return None


_TEXTS = {"text", "email", "phone", "choice"}


def _form(value: str, kind: str) -> tuple[str, str]:
    """Return code and words for a value that is not of its kind."""
    test, code, says = _FORMS.get(kind, _ANY)
    return ("", "") if test(value) else (code, says)


def place_of(document: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """Return what stands at a place such as `data.attributes.name`; None if nothing does."""
    for key in path.split(".") if path else ():
        if isinstance(document, Mapping):
            document = document.get(key)
        elif isinstance(document, Sequence) and not isinstance(document, str) and key.isdigit():
            document = document[int(key)] if int(key) < len(document) else None
        else:
            return None
    return document


def _write_boolean(value: str, api: Description) -> object:
    told = value.lower() in _TRUE
    return told if api.booleans is None else api.booleans[0 if told else 1]


def _read_boolean(text: str) -> str:
    told = text.lower()
    return "true" if told in _TRUE else "false" if told in _FALSE else text


def _write_instant(value: str, api: Description) -> object:
    moment = _instant(value)
    return value if moment is None else moment.astimezone(UTC).strftime(api.datetimes)


def _is_date(value: str) -> bool:
    try:
        return len(value) == _WHOLE and date.fromisoformat(value) is not None
    except ValueError:
        return False


def _instant(value: str) -> datetime | None:
    """Return a point in time; without a zone it is taken as UTC, as we write them."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if len(value) <= _WHOLE:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _read_instant(value: str, api: Description) -> str:
    """Return a point in time in ISO 8601, in UTC."""
    try:
        moment = datetime.strptime(value, api.datetimes).replace(tzinfo=UTC)
    except ValueError:
        told = _instant(value)
        if told is None:
            return value
        moment = told.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


_WRITERS: Mapping[str, Callable[[str, Description], object]] = {
    "boolean": _write_boolean,
    "number": lambda value, api: value if api.numbers_as_text else exact_number(value),
    "datetime": _write_instant,
    "reference": lambda value, _: value.partition(":")[2] or value,
}
_ANY: tuple[Callable[[str], object], str, str] = (lambda _: True, "", "")
_FORMS: Mapping[str, tuple[Callable[[str], object], str, str]] = {
    "number": (lambda v: _NUMBER.fullmatch(v.strip()), "INVALID_NUMBER", "is no decimal number"),
    "boolean": (
        lambda v: v.lower() in (*_TRUE, *_FALSE),
        "INVALID_BOOLEAN",
        "is neither true nor false",
    ),
    "date": (_is_date, "INVALID_DATE", "is no date of the form YYYY-MM-DD"),
    "datetime": (_instant, "INVALID_DATETIME", "is no point in time in ISO 8601"),
    "email": (_EMAIL.fullmatch, "INVALID_EMAIL", "is no e-mail address"),
    "phone": (_PHONE.fullmatch, "INVALID_PHONE", "is no telephone number"),
}
