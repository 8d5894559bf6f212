"""Records of code tables by their words: countries, states, tags, sources, stages."""

from collections.abc import Iterable

from crmmigrate.adapters.numbered.words import Meant, WordTable
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.external_ids import MODULE, WORD_PREFIX, name_of
from crmmigrate.adapters.odoo.faults import OdooFault
from crmmigrate.adapters.odoo.fields import WORDS, Model

__all__ = ["WordBook"]

_STATE = "res.country.state"


class WordBook:
    """The code tables of one database; each is read whole when it is first needed."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._tables: dict[str, WordTable] = {}
        self._users: dict[int, int] = {}

    def word(self, relation: str, number: int) -> str | None:
        """Return the word of a record."""
        known = self._table(relation).words
        if number not in known:
            del self._tables[relation]
            known = self._table(relation).words
        return known.get(number)

    def id(self, meant: Meant) -> int | None:
        """Return the id of the record with a word; a state may be named by its code, too."""
        return self._table(meant.relation).id(meant)

    def words(self, relation: str) -> list[str]:
        """Return all words of a table."""
        return [word for _, word in self._table(relation).ids]

    def partner_of(self, user: int) -> int | None:
        """Return the partner of a user."""
        return self._people(fresh_for=user).get(user)

    def user_of(self, partner: int) -> int | None:
        """Return the user whose partner it is."""
        return next((u for u, p in self._people().items() if p == partner), None)

    def add(self, missing: Iterable[Meant]) -> None:
        """Add words to tables that grow; they are named ours, so that they can be swept away.

        Raises:
            OdooFault: Odoo does not let us.
        """
        grown: dict[str, list[Meant]] = {}
        for meant in dict.fromkeys(missing):
            if WORDS[meant.relation].grows and (meant.relation != _STATE or meant.country):
                grown.setdefault(meant.relation, []).append(meant)
        for relation, words in grown.items():
            self._load(relation, words)
            self._tables.pop(relation, None)

    def sweep(self, models: Iterable[Model]) -> int:
        """Remove the words we have added that no record uses any more; return how many."""
        domain = [["module", "=", MODULE], ["name", "=like", f"{WORD_PREFIX}%"]]
        arguments = {
            "domain": domain,
            "fields": ["model", "res_id"],
            "offset": 0,
            "limit": None,
            "order": "id",
        }
        ours: dict[str, set[int]] = {}
        for row in self._client.call("ir.model.data", "search_read", arguments, repeatable=True):
            ours.setdefault(row["model"], set()).add(int(row["res_id"]))
        users = [
            (m.name, s.field, s.relation) for m in models for s in m.slots.values() if s.stored
        ]
        swept = 0
        for relation, ids in ours.items():
            fields = [(m, f) for m, f, r in users if r == relation]
            unused = [i for i in sorted(ids) if not any(self._used(m, f, i) for m, f in fields)]
            swept += self._unlink(relation, unused)
        return swept

    def _people(self, fresh_for: int = 0) -> dict[int, int]:
        """Return user → partner; read again where a user is not among them."""
        if not self._users or (fresh_for and fresh_for not in self._users):
            arguments = {"domain": [], "fields": ["partner_id"], "offset": 0, "limit": None}
            rows = self._client.call("res.users", "search_read", arguments, repeatable=True)
            self._users = {int(r["id"]): int(r["partner_id"][0]) for r in rows if r["partner_id"]}
        return self._users

    def _used(self, model: str, field_: str, number: int) -> bool:
        domain = [[field_, "in", [number]]]
        found = self._client.call(
            model, "search", {"domain": domain, "offset": 0, "limit": 1}, repeatable=True
        )
        return bool(found)

    def _unlink(self, relation: str, ids: list[int]) -> int:
        if not ids:
            return 0
        self._tables.pop(relation, None)
        try:
            self._client.call(relation, "unlink", {}, ids=ids)
        except OdooFault:
            # A record we do not look at uses one of them: words may stay, they harm nobody.
            return 0
        return len(ids)

    def _load(self, relation: str, words: list[Meant]) -> None:
        attribute = WORDS[relation].attribute
        is_state = relation == _STATE
        fields = ["id", attribute, *(["code", "country_id/.id"] if is_state else [])]
        rows = []
        for meant in words:
            place = f"{meant.country}~" if is_state else ""
            name = f"{WORD_PREFIX}{relation.replace('.', '~')}~{place}{name_of(meant.word)}"
            more = [meant.word, str(meant.country)] if is_state else []
            rows.append([f"{MODULE}.{name}", meant.word, *more])
        told = self._client.call(relation, "load", {"fields": fields, "data": rows})
        if not told.get("ids"):
            says = "; ".join(str(m.get("message")) for m in told.get("messages", []))
            raise OdooFault("", f"{relation} takes no new words: {says}")

    def _table(self, relation: str) -> WordTable:
        if relation not in self._tables:
            self._tables[relation] = self._read(relation)
        return self._tables[relation]

    def _read(self, relation: str) -> WordTable:
        attribute = WORDS[relation].attribute
        is_state = relation == _STATE
        arguments = {
            "domain": [],
            "fields": [attribute, *(["code", "country_id"] if is_state else [])],
            "offset": 0,
            "limit": None,
            "order": "id",
        }
        table = WordTable()
        for row in self._client.call(relation, "search_read", arguments, repeatable=True):
            word, number = str(row[attribute] or ""), int(row["id"])
            country = int(row["country_id"][0]) if is_state and row["country_id"] else 0
            table.words[number] = word
            table.ids.setdefault((country, word), number)
            if is_state and row["code"]:
                table.codes.setdefault((country, str(row["code"])), number)
        return table
