"""Which of several lines of one property a field is: by their types, then by their order."""

from collections.abc import Mapping
from types import MappingProxyType

from crmmigrate.adapters.carddav.cards import Card
from crmmigrate.adapters.carddav.lines import Line

__all__ = ["TYPES", "placed", "put_placed"]

TYPES: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "TEL": MappingProxyType(
            {
                "phone": ("work", "voice"),
                "mobile": ("cell",),
                "home_phone": ("home", "voice"),
                "fax": ("work", "fax"),
                "other_phone": ("other",),
            }
        ),
        "EMAIL": MappingProxyType({"email": ("internet",), "other_email": ("internet", "other")}),
        "ADR": MappingProxyType(
            {"address": ("work",), "home_address": ("home",), "other_address": ("other",)}
        ),
    }
)
"""Property → field → types of a new line. The first field takes what has no type of its own."""
_MARKS: Mapping[str, tuple[tuple[str, frozenset[str]], ...]] = MappingProxyType(
    {
        "TEL": (
            ("fax", frozenset({"fax"})),
            ("mobile", frozenset({"cell", "mobile", "iphone", "car"})),
            (
                "other_phone",
                frozenset({"other", "pager", "modem", "bbs", "isdn", "video", "textphone"}),
            ),
            ("home_phone", frozenset({"home"})),
        ),
        "EMAIL": (("other_email", frozenset({"other"})),),
        "ADR": (
            ("home_address", frozenset({"home"})),
            ("other_address", frozenset({"other", "parcel"})),
        ),
    }
)
"""Property → types that make a line one of a field; the first that fits."""


def placed(card: Card, name: str) -> dict[str, Line]:
    """Return field → line. What is left over goes to the field for others, if that is free."""
    fields = list(TYPES[name])
    found: dict[str, Line] = {}
    left = []
    for line in sorted(card.all(name), key=lambda line: line.preference):
        field = next((f for f, marks in _MARKS[name] if marks & line.types), fields[0])
        if field in found:
            left.append(line)
        else:
            found[field] = line
    if left and fields[-1] not in found:
        found[fields[-1]] = left[0]
    return found


def put_placed(card: Card, name: str, field: str, value: str | None) -> None:
    """Write the line of a field, or remove it; the lines of other fields stay theirs."""
    known = placed(card, name)
    line = known.get(field)
    if line is not None:
        card.replace(line, value)
    elif value is not None:
        params = tuple(("TYPE", word) for word in TYPES[name][field])
        card.lines.append(Line(name, value, params))
    now = placed(card, name)
    for other, theirs in known.items():
        if other != field and now.get(other) is not theirs:
            _mark(card, theirs, TYPES[name][other][-1])


def _mark(card: Card, line: Line, word: str) -> None:
    """Say with a type what a line has been by its place."""
    place = next(i for i, known in enumerate(card.lines) if known is line)
    card.lines[place] = Line(line.name, line.value, (*line.params, ("TYPE", word)), line.group)
