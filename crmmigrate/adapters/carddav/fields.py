"""The fields of a card as plain columns: how each is read from its lines and written into them."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from crmmigrate.adapters.carddav.cards import INDIVIDUAL, ORG, Card, plain_uid
from crmmigrate.adapters.carddav.lines import Line, escape, join_parts, split_parts, unescape
from crmmigrate.adapters.carddav.placing import TYPES, placed, put_placed
from crmmigrate.adapters.streets import join_street, split_street
from crmmigrate.model.catalog import Column

__all__ = [
    "DATASET",
    "LINKS",
    "NAME_PARTS",
    "STREET_HALVES",
    "Field",
    "Value",
    "card_fields",
    "linked_uids",
    "settle",
    "write_fields",
]

DATASET = "card"
Value = str | bytes | None
LINKS = {"employer": "x-employer", "manager": "x-manager", "parent": "x-parent"}
"""Field → type of RELATED, by which a card points to another."""
_N, _ORG, _ADR = "N", "ORG", "ADR"
NAME_PARTS = ("name_family", "name_given", "name_middle", "name_prefix", "name_suffix")
_ADDRESS_PARTS = (
    *("po_box", "unit", "street", "locality"),
    *("region", "postal_code", "country"),
)
"""Parts of ADR in their order (RFC 6350 section 6.3.1)."""
_STREET, _COUNTRY = 2, 6
STREET_HALVES = ("street_name", "house_number")
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?")
_PICTURES = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"))
_SEXES = {"male": "M", "female": "F", "other": "O", "none": "N", "unknown": "U"}
_OWN = frozenset({"VERSION", "PRODID", "UID", "REV", "KIND", "X-ABSHOWAS", "X-CRMMIGRATE-KEY"})
"""Properties that say nothing of the person and have no column, or one that is worked out."""


class Field(Protocol):
    """One column of a card."""

    @property
    def column(self) -> Column:
        """What it is called and may hold."""
        ...

    def read(self, card: Card) -> Value:
        """Return its value, None if it is blank; a link is the identifier of the other card."""
        ...

    def write(self, card: Card, value: Value) -> None:
        """Write a value; None clears it."""
        ...


@dataclass(frozen=True)
class _Text:
    """A property that is one text."""

    column: Column
    name: str

    def read(self, card: Card) -> Value:
        return card.said(self.name) or None

    def write(self, card: Card, value: Value) -> None:
        card.put(self.name, escape(str(value)) if value is not None else None)


class _Kind(_Text):
    """What the card is of; an individual needs no word."""

    def read(self, card: Card) -> Value:
        return card.kind

    def write(self, card: Card, value: Value) -> None:
        told = str(value or INDIVIDUAL)
        card.put("KIND", escape(told) if told != INDIVIDUAL else None)
        card.put("X-ABSHOWAS", "COMPANY" if told == ORG else None)


class _Date(_Text):
    """A day, in whichever of the forms of ISO 8601; others are told as they stand."""

    def read(self, card: Card) -> Value:
        line = card.first(self.name)
        if line is None or not line.value:
            return None
        text = unescape(line.value)
        found = _DATE.fullmatch(text)
        if found is None:
            return text
        year = "-" if line.param("X-APPLE-OMIT-YEAR") == found[1] else found[1]
        return f"{year}-{found[2]}-{found[3]}"


class _Gender(_Text):
    """The letter of the sex; words that follow it stay."""

    def read(self, card: Card) -> Value:
        letter = card.parts(self.name, 1)[0].upper()
        return letter or _SEXES.get(card.said("X-GENDER").lower())

    def write(self, card: Card, value: Value) -> None:
        parts = [str(value or ""), *card.parts(self.name, 1)[1:]]
        card.put(self.name, join_parts(parts) if any(parts) else None)
        if value is None:
            card.put("X-GENDER", None)


class _Words(_Text):
    """A list of words, here with commas between them."""

    def read(self, card: Card) -> Value:
        line = card.first(self.name)
        words = [] if line is None else split_parts(line.value, ",")
        return ", ".join(word.strip() for word in words if word.strip()) or None

    def write(self, card: Card, value: Value) -> None:
        words = [word.strip() for word in str(value or "").split(",") if word.strip()]
        card.put(self.name, join_parts(words, ",") if words else None)


@dataclass(frozen=True)
class _Part:
    """One part of a structured property of which there is one."""

    column: Column
    name: str
    place: int
    count: int

    def read(self, card: Card) -> Value:
        parts = card.parts(self.name, self.count)
        alone = self.name == _N and parts[0].strip() == card.name.strip() and not any(parts[1:])
        return None if alone else parts[self.place] or None

    def write(self, card: Card, value: Value) -> None:
        parts = card.parts(self.name, self.count)
        parts[self.place] = str(value or "")
        while self.name == _ORG and parts and not parts[-1]:
            parts.pop()
        card.put(self.name, join_parts(parts) if parts else None)


@dataclass(frozen=True)
class _Placed:
    """One of several lines of a property: a telephone number, an e-mail address."""

    column: Column
    name: str

    def read(self, card: Card) -> Value:
        line = placed(card, self.name).get(self.column.name)
        return None if line is None else unescape(line.value).removeprefix("tel:") or None

    def write(self, card: Card, value: Value) -> None:
        told = escape(str(value)) if value is not None else None
        put_placed(card, self.name, self.column.name, told)


@dataclass(frozen=True)
class _AddressPart:
    """One part of one of several addresses."""

    column: Column
    field: str
    place: int

    def read(self, card: Card) -> Value:
        return _address(card, self.field)[self.place] or None

    def write(self, card: Card, value: Value) -> None:
        parts = _address(card, self.field)
        halves = split_street(parts[_STREET], parts[_COUNTRY])
        parts[self.place] = str(value or "")
        if self.place == _COUNTRY:
            parts[_STREET] = join_street(*halves, parts[_COUNTRY]) or ""
        _put_address(card, self.field, parts)


@dataclass(frozen=True)
class _StreetHalf:
    """Street or house number: a card has both in one line, by the custom of the country."""

    column: Column
    field: str
    half: int

    def read(self, card: Card) -> Value:
        parts = _address(card, self.field)
        return split_street(parts[_STREET], parts[_COUNTRY])[self.half] or None

    def write(self, card: Card, value: Value) -> None:
        _put_halves(card, self.field, {self.half: value})


def write_fields(card: Card, fields: Mapping[str, Field], values: Mapping[str, Value]) -> None:
    """Write several fields in their order; street and house number together.

    One after the other, `111 Street NW` alone would be taken for a street with its number.
    """
    for name, field in fields.items():
        if name in values and not isinstance(field, _StreetHalf):
            field.write(card, values[name])
    for address in TYPES[_ADR]:
        names = {f"{address}_{part}": half for half, part in enumerate(STREET_HALVES)}
        given = {half: values[name] for name, half in names.items() if name in values}
        if given:
            _put_halves(card, address, given)


def _put_halves(card: Card, field: str, given: Mapping[int, Value]) -> None:
    parts = _address(card, field)
    halves = dict(enumerate(split_street(parts[_STREET], parts[_COUNTRY])))
    halves |= {half: str(value) if value else None for half, value in given.items()}
    parts[_STREET] = join_street(halves[0], halves[1], parts[_COUNTRY]) or ""
    _put_address(card, field, parts)


def _address(card: Card, field: str) -> list[str]:
    line = placed(card, _ADR).get(field)
    parts = [] if line is None else split_parts(line.value)
    return parts + [""] * (len(_ADDRESS_PARTS) - len(parts))


def _put_address(card: Card, field: str, parts: Sequence[str]) -> None:
    put_placed(card, _ADR, field, join_parts(parts) if any(parts) else None)


@dataclass(frozen=True)
class _Photo:
    """A picture in the card; one elsewhere on the web is no value."""

    column: Column
    name: str

    def read(self, card: Card) -> Value:
        line = card.first(self.name)
        if line is None:
            return None
        text = unescape(line.value)
        inside = "base64," in text[:100] or line.param("ENCODING").lower() in {"b", "base64"}
        try:
            return base64.b64decode(text.partition("base64,")[2] or text) if inside else None
        except (binascii.Error, ValueError):
            return None

    def write(self, card: Card, value: Value) -> None:
        for line in card.all(self.name):
            card.replace(line, None)
        if not isinstance(value, bytes):
            return
        kind = next((word for mark, word in _PICTURES if value.startswith(mark)), "")
        content = base64.b64encode(value).decode()
        if card.is_version_4:
            form = f"image/{kind.lower()}" if kind else "application/octet-stream"
            card.lines.append(Line(self.name, f"data:{form};base64,{content}"))
        else:
            told = (("ENCODING", "b"), *((("TYPE", kind),) if kind else ()))
            card.lines.append(Line(self.name, content, told))


@dataclass(frozen=True)
class _Link:
    """Points to another card by its identifier (RFC 6350 section 6.6.6)."""

    column: Column
    type: str

    def read(self, card: Card) -> Value:
        line = self._line(card)
        return None if line is None else plain_uid(unescape(line.value)) or None

    def write(self, card: Card, value: Value) -> None:
        line = self._line(card)
        if line is not None:
            card.replace(line, None)
        if value is not None:
            card.lines.append(Line("RELATED", escape(_urn(str(value))), (("TYPE", self.type),)))

    def _line(self, card: Card) -> Line | None:
        return next((line for line in card.all("RELATED") if self.type in line.types), None)


@dataclass(frozen=True)
class _Rest:
    """All lines that no other column tells, so that nothing of a card is overlooked."""

    column: Column
    names: frozenset[str]

    def read(self, card: Card) -> Value:
        told = [line for name in TYPES for line in placed(card, name).values()]
        told += [line for name in self.names if (line := card.first(name)) is not None]
        told += [line for line in card.all("RELATED") if line.types & set(LINKS.values())]
        known = {id(line) for line in told}
        return "\n".join(line.text for line in card.lines if id(line) not in known) or None

    def write(self, card: Card, value: Value) -> None:
        """It cannot be written."""


def card_fields(properties: Sequence[str] = ()) -> dict[str, Field]:
    """Return the columns of a card by name, in the order in which they are written.

    A country goes before its street, whose line follows the custom of the country.

    Args:
        properties: Further properties that are one text, such as X-TAX-ID.
    """
    found = [*_fields(), *(_Text(Column(name), name.upper()) for name in properties)]
    own = _OWN | {"N", "ORG", "X-GENDER"} | {n for f in found if (n := getattr(f, "name", ""))}
    known = frozenset(own - set(TYPES))
    rest = _Rest(Column("other_properties", read_only=True), known)
    return {field.column.name: field for field in (*found, rest)}


def _fields() -> Iterator[Field]:
    yield _Kind(Column("kind"), "KIND")
    yield _Text(Column("name", nullable=False), "FN")
    for place, name in enumerate(NAME_PARTS):
        yield _Part(Column(name), _N, place, len(NAME_PARTS))
    yield _Text(Column("nickname"), "NICKNAME")
    for place, name in enumerate(("company", "department")):
        yield _Part(Column(name), _ORG, place, 2)
    for name in ("title", "role", "note"):
        yield _Text(Column(name), name.upper())
    for prop in ("TEL", "EMAIL"):
        yield from (_Placed(Column(name), prop) for name in TYPES[prop])
    yield _Text(Column("website"), "URL")
    for name in TYPES[_ADR]:
        for place, part in reversed(list(enumerate(_ADDRESS_PARTS))):
            yield _AddressPart(Column(f"{name}_{part}"), name, place)
        for half, part in enumerate(STREET_HALVES):
            yield _StreetHalf(Column(f"{name}_{part}"), name, half)
    yield _Date(Column("birthday", "date"), "BDAY")
    yield _Date(Column("anniversary", "date"), "ANNIVERSARY")
    yield _Gender(Column("gender", choices=tuple(_SEXES.values())), "GENDER")
    yield _Text(Column("language"), "LANG")
    yield _Words(Column("categories"), "CATEGORIES")
    yield _Photo(Column("photo", "binary"), "PHOTO")
    for name, kind in LINKS.items():
        yield _Link(Column(name, "reference", references=(DATASET,)), kind)
    yield _Text(Column("uid", read_only=True, unique=True), "UID")
    yield _Text(Column("revised", "datetime", read_only=True), "REV")


def settle(card: Card, name_before: str) -> None:
    """Bring into line what every card must have with what was written.

    N must be there (RFC 2426 section 3.1.2), and programs show a person by it: one whose name is not
    in parts has it whole as the family name. A company has its name as ORG, too.
    """
    parts = card.parts(_N, len(NAME_PARTS))
    bare = not any(parts[1:]) and parts[0].strip() in {"", name_before.strip()}
    if card.kind == ORG:
        company = card.parts(_ORG, 1)
        if company[0] in {"", name_before}:
            card.put_parts(_ORG, [card.name, *company[1:]])
        if bare:
            card.put_parts(_N, [""] * len(NAME_PARTS))
    elif bare:
        card.put_parts(_N, [card.name, *[""] * (len(NAME_PARTS) - 1)])


def _urn(uid: str) -> str:
    return (
        f"urn:uuid:{uid}"
        if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uid)
        else uid
    )


def linked_uids(card: Card) -> list[str]:
    """Return the identifiers of the cards that a card points to."""
    related = [line for line in card.all("RELATED") if line.types & set(LINKS.values())]
    return [plain_uid(unescape(line.value)) for line in related]
