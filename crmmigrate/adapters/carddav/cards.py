"""One card: its lines, of which those that are not meant stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crmmigrate.adapters.carddav.lines import (
    Line,
    escape,
    join_parts,
    read_lines,
    split_parts,
    unescape,
)

__all__ = ["GROUP", "INDIVIDUAL", "KEY", "ORG", "Card", "plain_uid"]

KEY = "X-CRMMIGRATE-KEY"
"""Property that holds our external id."""
INDIVIDUAL, ORG, GROUP = "individual", "org", "group"
_PRODUCT = "-//crmmigrate//EN"
_FRAME = frozenset({"BEGIN", "END"})


@dataclass
class Card:
    """A card that can be read and changed.

    Attributes:
        lines: Properties in order, without BEGIN and END.
    """

    lines: list[Line] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> "Card":
        """Return the card that a text is."""
        return cls([line for line in read_lines(text) if line.name not in _FRAME])

    @classmethod
    def new(cls, uid: str, key: str) -> "Card":
        """Return a card of version 3.0, which every server must take (RFC 6352 section 5.1)."""
        card = cls([Line("VERSION", "3.0"), Line("PRODID", _PRODUCT), Line("UID", escape(uid))])
        card.put("N", ";;;;")
        card.put(KEY, escape(key))
        return card

    @property
    def text(self) -> str:
        """The card as it is sent."""
        lines = [Line("BEGIN", "VCARD"), *self.lines, Line("END", "VCARD")]
        pieces = [piece for line in lines for piece in line.folded()]
        return b"".join(piece + b"\r\n" for piece in pieces).decode()

    @property
    def uid(self) -> str:
        """The identifier, without `urn:uuid:`."""
        return plain_uid(self.said("UID"))

    @property
    def key(self) -> str | None:
        """Our external id."""
        return self.said(KEY) or None

    @property
    def name(self) -> str:
        """The name it is shown by."""
        return self.said("FN")

    @property
    def kind(self) -> str:
        """What it is of: an individual, unless it says otherwise; Apple has words of its own."""
        told = self.said("KIND") or self.said("X-ADDRESSBOOKSERVER-KIND")
        if not told and self.said("X-ABSHOWAS").upper() == "COMPANY":
            return ORG
        return told.lower() or INDIVIDUAL

    @property
    def is_version_4(self) -> bool:
        """Whether it is of version 4.0."""
        return self.said("VERSION").startswith("4")

    def all(self, name: str) -> list[Line]:
        """Return the lines of a property."""
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        """Return the line of a property that is preferred, or None."""
        return min(self.all(name), key=lambda line: line.preference, default=None)

    def said(self, name: str) -> str:
        """Return the text of a property; empty if there is none."""
        line = self.first(name)
        return "" if line is None else unescape(line.value)

    def parts(self, name: str, count: int) -> list[str]:
        """Return the parts of a structured property, as many as there should be or are."""
        line = self.first(name)
        parts = [] if line is None else split_parts(line.value)
        return parts + [""] * (count - len(parts))

    def put_parts(self, name: str, parts: Sequence[str]) -> None:
        """Write the parts of a structured property."""
        self.put(name, join_parts(parts))

    def put(self, name: str, value: str | None) -> None:
        """Write the value of a property into its line, or remove that line."""
        line = self.first(name)
        if line is None:
            if value is not None:
                self.lines.append(Line(name, value))
        else:
            self.replace(line, value)

    def replace(self, line: Line, value: str | None) -> None:
        """Write another value into a line, or remove it; group and parameters stay."""
        place = next(i for i, known in enumerate(self.lines) if known is line)
        if value is None:
            del self.lines[place]
        elif value != line.value:
            params = tuple(p for p in line.params if p[0] != "VALUE")
            self.lines[place] = Line(line.name, value, params, line.group)


def plain_uid(uid: str) -> str:
    """Return an identifier as it is compared: UUIDs in small letters and without `urn:uuid:`."""
    lowered = uid.strip().lower()
    return lowered.removeprefix("urn:uuid:") if lowered.startswith("urn:uuid:") else uid.strip()
