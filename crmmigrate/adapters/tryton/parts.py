"""What belongs to a party and is kept beside it: addresses, contact mechanisms, relations, numbers.

Each part holds at most one record; which one that is of several is told here, the same way for
reading, changing and clearing. Further records of a party are left alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["NUMBER", "OWN", "PARTS", "PREFIX", "ROLES", "Part", "pick"]

PREFIX = "crmmigrate:"
"""Begins the identifiers that are our keys."""

NUMBER = "No. "
"""Begins the identifiers that are numbers of customers; codes of parties are numbered by Tryton."""

Child = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One place beside a party.

    Attributes:
        field: Field of the party that lists records; empty for the party itself.
        key: Name of its columns, or their beginning.
        type: Type of contact mechanisms.
        label: Name of a contact mechanism, where it is not the main one of its type; beginning of
            an identifier.
        flag: What an address is used for.
    """

    field: str = ""
    key: str = ""
    type: str = ""
    label: str = ""
    flag: str = ""


OWN = Part()
_TYPES = ("phone", "mobile", "fax", "email", "website", "skype", "sip", "irc", "jabber", "other")
_LABELS = (("home", "Home"), ("other", "Other"))
_LABELLED = ("phone", "email")
ROLES: Mapping[str, tuple[str, str]] = {
    "employer": ("Employee of", "Employer of"),
    "parent": ("Subsidiary of", "Parent company of"),
    "superior": ("Reports to", "Superior of"),
}
"""Relation → name of its type, and of the type the other way round; the types are added when
they are first needed, since a new Tryton has none."""

PARTS: tuple[Part, ...] = (
    Part("addresses", "address"),
    Part("addresses", "delivery", flag="delivery"),
    *(Part("contact_mechanisms", name, name) for name in _TYPES),
    *(
        Part("contact_mechanisms", f"{name}.{short}", name, label)
        for name in _LABELLED
        for short, label in _LABELS
    ),
    Part("identifiers", "identifier"),
    Part("identifiers", "identifier.number", label=NUMBER),
    *(Part("relations", role) for role in ROLES),
)
"""All parts: the main address and that of deliveries, contact mechanisms, one further number."""
_NAMED = frozenset(label.lower() for _, label in _LABELS)


def pick(part: Part, children: Iterable[Child], relation_type: int | None = None) -> Child | None:
    """Return the record of a part, of all that a field of the party lists, or None.

    Args:
        part: The part.
        children: Records in the order of the server.
        relation_type: Id of the type of a relation.
    """
    live = [c for c in children if c.get("active") is not False and c.get("active") != 0]
    found: Sequence[Child]
    if part.field == "addresses":
        found = [c for c in live if _is_delivery(c) == bool(part.flag)]
    elif part.field == "contact_mechanisms":
        found = [
            c
            for c in live
            if c.get("type") == part.type and _label(c, part.type) == part.label.lower()
        ]
    elif part.field == "relations":
        found = [c for c in live if relation_type is not None and c.get("type") == relation_type]
    else:
        found = [c for c in live if not c.get("type") and _identifier_key(c) == part.key]
    return found[0] if found else None


def _is_delivery(child: Child) -> bool:
    """Return whether an address is for deliveries and for nothing else."""
    return bool(child.get("delivery")) and not child.get("invoice")


def _identifier_key(child: Child) -> str:
    """Return the columns an identifier without a type belongs to; our keys belong to none."""
    code = str(child.get("code") or "")
    if code.startswith(PREFIX):
        return ""
    return "identifier.number" if code.startswith(NUMBER) else "identifier"


def _label(child: Child, type_: str) -> str:
    """Return the label that tells mechanisms of a type apart; a name of another kind is none."""
    label = str(child.get("name") or "").strip().lower()
    return label if label in _NAMED and type_ in _LABELLED else ""
