"""Records of code tables by their words: countries, states, categories, types of relations."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from crmmigrate.adapters.numbered.words import Meant, WordTable
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault
from crmmigrate.adapters.tryton.fields import WORDS
from crmmigrate.adapters.tryton.keys import WORD, Keys
from crmmigrate.adapters.tryton.parts import ROLES
from crmmigrate.values.countries import country_name

__all__ = ["COUNTRY", "RELATION_TYPE", "SUBDIVISION", "WordBook"]

COUNTRY, SUBDIVISION = "country.country", "country.subdivision"
CATEGORY, RELATION_TYPE = "party.category", "party.relation.type"
_USED: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        SUBDIVISION: (("party.address", "subdivision"),),
        COUNTRY: (("party.address", "country"), (SUBDIVISION, "country")),
        CATEGORY: (("party.party", "categories"), (CATEGORY, "parent")),
        "product.category": (("product.template", "categories"),),
        RELATION_TYPE: (("party.relation.all", "type"),),
    }
)
"""Code table → fields that use its records, in the order in which tables are swept."""


class WordBook:
    """The code tables of one database; each is read whole when it is first needed.

    Args:
        client: The database.
        keys: Marks what we add.
        person: Name of the category of people.
    """

    def __init__(self, client: Client, keys: Keys, person: str) -> None:
        self._client = client
        self._keys = keys
        self.person = person
        self._tables: dict[str, WordTable] = {}

    def word(self, relation: str, number: int) -> str | None:
        """Return the word of a record."""
        known = self._table(relation).words
        if number not in known:
            del self._tables[relation]
            known = self._table(relation).words
        return known.get(number)

    def id(self, meant: Meant) -> int | None:
        """Return the id of the record with a word; a subdivision may be named by its code, too."""
        return self._table(meant.relation).id(meant)

    def words(self, relation: str) -> list[str]:
        """Return all words of a table."""
        return [word for _, word in self._table(relation).ids]

    def person_id(self, *, add: bool = False) -> int | None:
        """Return the category of people; it is added where it is wanted and missing."""
        meant = Meant(CATEGORY, self.person)
        if add and self.id(meant) is None:
            self.add([meant])
        return self.id(meant)

    def relation_type(self, role: str, *, add: bool = False) -> int | None:
        """Return the type of a relation; it is added with its reverse where it is missing."""
        there, back = (Meant(RELATION_TYPE, name) for name in ROLES[role])
        if add and self.id(there) is None:
            lacking = [m for m in (there, back) if self.id(m) is None]
            names: list[dict[str, object]] = [{"name": m.word} for m in lacking]
            made = self._create(RELATION_TYPE, names)
            one, two = self.id(there), self.id(back)
            if made and one and two:
                pairs = ([one], {"reverse": two}, [two], {"reverse": one})
                self._client.call(RELATION_TYPE, "write", *pairs)
        return self.id(there)

    def add(self, missing: Iterable[Meant]) -> None:
        """Add words to tables that grow; they are marked ours, so that they can be swept away.

        Raises:
            TrytonFault: Tryton does not let us.
        """
        grown: dict[str, list[dict[str, object]]] = {}
        for meant in dict.fromkeys(missing):
            if WORDS[meant.relation].grows and (meant.relation != SUBDIVISION or meant.country):
                row = self._row(meant)
                if row:
                    grown.setdefault(meant.relation, []).append(row)
        for relation, rows in grown.items():
            self._create(relation, rows)

    def sweep(self) -> int:
        """Remove the words that we have added and that nothing uses any more; return how many."""
        try:
            ours = self._keys.words()
        except TrytonFault:  # Only administrators may look for them: the words stay.
            return 0
        swept = 0
        for relation, fields in _USED.items():
            ids = ours.get(relation, [])
            unused = [i for i in ids if not any(self._is_used(m, f, i) for m, f in fields)]
            if relation == RELATION_TYPE and len(unused) < len(ids):
                unused = []
            swept += self._delete(relation, unused)
        return swept

    def _row(self, meant: Meant) -> dict[str, object]:
        """Return a new record; nothing for a country that does not exist."""
        if meant.relation == COUNTRY:
            name = country_name(meant.word)
            return {"name": name, "code": meant.word} if name else {}
        if meant.relation == SUBDIVISION:
            type_ = self._subdivision_type(meant.country)
            more = {"type": type_} if type_ else {}
            return {"name": meant.word, "country": meant.country, **more}
        return {WORDS[meant.relation].attribute: meant.word}

    def _subdivision_type(self, country: int) -> str | None:
        """Return a type that addresses of a country may have; None where any will do."""
        code = self.word(COUNTRY, country)
        domain = [["country_code", "=", code]]
        arguments = (domain, 0, 1, None, ["types"])
        try:
            rows = self._client.call(
                "party.address.subdivision_type", "search_read", *arguments, repeatable=True
            )
        except TrytonFault:
            return None
        types = rows[0].get("types") if rows else None
        return str(types[0]) if types else None

    def _create(self, relation: str, rows: list[dict[str, object]]) -> list[int]:
        if not rows:
            return []
        made: list[int] = self._client.call(relation, "create", rows)
        self._tables.pop(relation, None)
        self._keys.attach(relation, [(number, WORD) for number in made])
        return made

    def _is_used(self, model: str, field_: str, number: int) -> bool:
        domain = [[field_, "=", number]]
        return bool(self._client.call(model, "search", domain, 0, 1, None, repeatable=True))

    def _delete(self, relation: str, ids: list[int]) -> int:
        if not ids:
            return 0
        self._tables.pop(relation, None)
        try:
            self._client.call(relation, "delete", ids)
        except TrytonFault:
            # A record we do not look at uses one of them: words may stay, they harm nobody.
            return 0
        return len(ids)

    def _table(self, relation: str) -> WordTable:
        if relation not in self._tables:
            self._tables[relation] = self._read(relation)
        return self._tables[relation]

    def _read(self, relation: str) -> WordTable:
        attribute = WORDS[relation].attribute if relation in WORDS else "name"
        is_part = relation == SUBDIVISION
        fields = [attribute, *(["code", "country"] if is_part else [])]
        table = WordTable()
        rows: list[dict[str, Any]] = self._client.call(
            relation, "search_read", [], 0, None, [["id", "ASC"]], fields, repeatable=True
        )
        for row in rows:
            word, number = str(row[attribute] or ""), int(row["id"])
            country = int(row["country"]) if is_part and row["country"] else 0
            table.words[number] = word
            table.ids.setdefault((country, word), number)
            if is_part and row["code"]:
                code = str(row["code"])
                table.codes.setdefault((country, code), number)
                table.codes.setdefault((country, code.rpartition("-")[2]), number)
        return table
