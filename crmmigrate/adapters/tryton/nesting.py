"""What belongs to a party as commands of Tryton, which come in the same call as the party.

Sources: `One2Many.set` and `Many2Many.set` of trytond: `["create", [values]]`, `["write", ids,
values]`, `["delete", ids]`, `["add", ids]`, `["remove", ids]`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.fields import Model
from crmmigrate.adapters.tryton.parts import Part, pick
from crmmigrate.adapters.tryton.words import WordBook

__all__ = ["TARGETS", "Nest", "Old"]

Old = Mapping[str, Any]
"""What a party has now: field → records of its parts, `categories` → ids."""
_USES = ("invoice", "delivery")
_NEEDED = {
    "addresses": ("active", *_USES),
    "contact_mechanisms": ("active", "type", "name"),
    "identifiers": ("active", "type", "code"),
    "relations": ("type", "to"),
}


class Nest:
    """Makes commands for the parts of parties.

    Args:
        client: The database.
        model: The party, or the employee that has one.
        words: Code tables.
    """

    def __init__(self, client: Client, model: Model, words: WordBook) -> None:
        self._client = client
        self._model = model
        self._words = words

    def fields(self, part: Part) -> list[str]:
        """Return what is to be read of the records of a part, to find the right one."""
        target = TARGETS[part.field]
        return [f"{part.field}.{f}" for f in _NEEDED[part.field] if self._model.has(f, target)]

    def relation_type(self, part: Part, *, add: bool = False) -> int | None:
        """Return the type of a relation; None for other parts."""
        return self._words.relation_type(part.key, add=add) if part.field == "relations" else None

    def commands(
        self, parts: Mapping[Part, Mapping[str, Any]], old: Old
    ) -> dict[str, list[list[Any]]]:
        """Return field → commands that make the parts of a party so.

        Args:
            parts: Part → changed values of its record.
            old: What the party has now; nothing for a new one.
        """
        found: dict[str, list[list[Any]]] = {}
        for part, values in parts.items():
            there = self.child(part, old)
            command = self._command(part, values, there)
            if command:
                found.setdefault(part.field, []).append(command)
        return found

    def child(self, part: Part, old: Old) -> Mapping[str, Any] | None:
        """Return the record of a part that a party has now."""
        children: Sequence[Mapping[str, Any]] = old.get(f"{part.field}.") or ()
        return pick(part, children, self.relation_type(part)) if children else None

    def categories(
        self, wanted: Sequence[int] | None, kind: str | None, old: Old
    ) -> list[list[Any]]:
        """Return commands for the categories of a party: those that are named, and its kind.

        Args:
            wanted: All categories but that of people; None leaves them.
            kind: What the party is to be; None leaves that.
            old: What the party has now.
        """
        has = set(old.get("categories") or ())
        person = self._words.person_id(add=kind == "person")
        goal = {c for c in has if c != person} if wanted is None else set(wanted)
        if person is not None and (kind == "person" or (kind is None and person in has)):
            goal.add(person)
        commands: list[list[Any]] = []
        if goal - has:
            commands.append(["add", sorted(goal - has)])
        if has - goal:
            commands.append(["remove", sorted(has - goal)])
        return commands

    def _command(
        self, part: Part, values: Mapping[str, Any], there: Mapping[str, Any] | None
    ) -> list[Any] | None:
        filled = {f: v for f, v in values.items() if v is not None and v != ""}
        if there is None:
            return ["create", [{**filled, **self._marks(part)}]] if filled else None
        rest = [f for f in self._told(part) if f not in values and there.get(f)]
        if not filled and not rest:
            return ["delete", [there["id"]]]
        return ["write", [there["id"]], dict(values)]

    def _marks(self, part: Part) -> dict[str, Any]:
        """Return what makes a new record that of its part."""
        if part.field == "contact_mechanisms":
            return {"type": part.type, **({"name": part.label} if part.label else {})}
        if part.field == "relations":
            return {"type": self.relation_type(part, add=True)}
        if part.field == "addresses":
            use = "delivery" if part.flag else "invoice"
            return {use: True} if self._model.has(use, "party.address") else {}
        return {}

    def _told(self, part: Part) -> list[str]:
        """Return the fields of a record that columns tell."""
        return list(dict.fromkeys(s.field for s in self._model.slots.values() if s.part is part))


TARGETS = {
    "addresses": "party.address",
    "contact_mechanisms": "party.contact_mechanism",
    "identifiers": "party.identifier",
    "relations": "party.relation.all",
}
