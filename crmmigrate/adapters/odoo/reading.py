"""Records of one model as frames: by id, by our key, all of them, or what has changed."""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from crmmigrate.adapters.numbered.operations import pieces
from crmmigrate.adapters.numbered.values import Value
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.external_ids import ExternalIds
from crmmigrate.adapters.odoo.fields import LOST, STAGE, Form, Model, Slot
from crmmigrate.adapters.odoo.habits import login_of
from crmmigrate.adapters.odoo.values import from_wire
from crmmigrate.adapters.odoo.words import WordBook
from crmmigrate.adapters.streets import split_street
from crmmigrate.errors import UsageError

__all__ = ["PAGE", "Reader"]

PAGE = 1000
"""Records in one call of `read`: about a megabyte of JSON."""
_HEAVY = 20
"""Records in one call where files are read."""


class Reader:
    """Reads records of one model."""

    def __init__(
        self, client: Client, model: Model, external_ids: ExternalIds, words: WordBook
    ) -> None:
        self._client = client
        self._model = model
        self._external_ids = external_ids
        self._words = words

    def by_keys(self, keys: Sequence[str], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        """Yield the records that we have named so."""
        for some in pieces(list(dict.fromkeys(keys)), PAGE):
            named = self._external_ids.ids(self._model.name, some)
            yield from self._frames(list(named.values()), slots)

    def by_ids(self, ids: Sequence[str], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        """Yield the records of these ids."""
        numbers = [int(text) for text in dict.fromkeys(ids) if text.isdecimal()]
        for some in pieces(numbers, PAGE):
            yield from self._frames(some, slots)

    def all(
        self, slots: Sequence[Slot], where: Sequence[Sequence[object]] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield all records in order of their ids, a page at a time."""
        last = 0
        while True:
            domain = [["id", ">", last], *where]
            ids = self._search(domain, limit=PAGE, order="id")
            if not ids:
                return
            yield from self._frames(ids, slots)
            last = ids[-1]

    def since(
        self, moment: str, slots: Sequence[Slot], where: Sequence[Sequence[object]] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield what was written at a moment or later, oldest first.

        Odoo tells the second only, so that records of the same second come once more rather
        than never. The ids are asked for at once: what changes meanwhile comes the next time.

        Args:
            moment: UTC as `YYYY-MM-DD HH:MM:SS`.
            slots: What is read.
            where: Further conditions.
        """
        domain = [["write_date", ">=", moment], *where]
        for some in pieces(self._search(domain, limit=None, order="write_date, id"), PAGE):
            yield from self._frames(some, slots)

    def _search(self, domain: Sequence[object], *, limit: int | None, order: str) -> list[int]:
        arguments = {"domain": domain, "offset": 0, "limit": limit, "order": order}
        found: list[int] = self._client.call(self._model.name, "search", arguments, repeatable=True)
        return found

    def _frames(self, ids: Sequence[int], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        heavy = any(slot.form is Form.BINARY for slot in slots)
        for some in pieces(ids, _HEAVY if heavy else PAGE):
            there = set(self._search([["id", "in", some]], limit=None, order="id"))
            known = [number for number in some if number in there]
            if known:
                yield self._frame(known, slots)

    def _frame(self, ids: Sequence[int], slots: Sequence[Slot]) -> pl.DataFrame:
        fields = sorted({f for slot in slots for f in self._fields(slot)} | {"write_date"})
        arguments = {"fields": fields, "load": "_classic_write"}
        rows: list[dict[str, object]] = self._client.call(
            self._model.name, "read", arguments, ids=list(ids), repeatable=True
        )
        keys = self._external_ids.keys(self._model.name, ids)
        order = {number: place for place, number in enumerate(ids)}
        rows.sort(key=lambda row: order[int(str(row["id"]))])
        own = [keys.get(int(str(row["id"]))) for row in rows]
        columns: dict[str, pl.Series] = {
            "_id": pl.Series("_id", [str(row["id"]) for row in rows], pl.String),
            "_external_id": pl.Series("_external_id", own, pl.String),
            "_modified_at": pl.Series(
                "_modified_at", [_stamp(row["write_date"]) for row in rows], pl.String
            ),
        }
        for slot in slots:
            kind = pl.Binary if slot.form is Form.BINARY else pl.String
            values = [self._value(slot, row) for row in rows]
            columns[slot.name] = pl.Series(slot.name, values, kind)
        if self._model.name == "res.users" and "login" in columns:
            columns["login"] = _logins(columns["login"], own)
        return pl.DataFrame(columns)

    def _fields(self, slot: Slot) -> list[str]:
        pair = self._model.any_link
        if slot.form is Form.ANY_LINK and pair:
            return [*pair]
        if (self._model.name, slot.name) == STAGE:
            return [slot.field, "active"]
        country = slot.form is Form.STREET and "country_id" in self._model.slots
        return [slot.field, *(["country_id"] if country else [])]

    def _value(self, slot: Slot, row: Mapping[str, object]) -> Value:
        value = row.get(slot.field)
        if slot.form is Form.ANY_LINK:
            return self._any_link(row)
        if slot.form is Form.STREET:
            return self._street(slot, row)
        if slot.form is Form.PERSON:
            user = self._words.user_of(_number(value) or 0)
            return f"res.users:{user}" if user else None
        if slot.form is Form.WORD:
            return self._word(slot, row)
        if slot.form is Form.WORDS:
            named = [self._words.word(slot.relation, i) for i in _numbers(value)]
            return ", ".join(sorted(word for word in named if word)) or None
        return from_wire(slot, value)

    def _street(self, slot: Slot, row: Mapping[str, object]) -> str | None:
        line, country = row.get(slot.field), _number(row.get("country_id"))
        code = self._words.word("res.country", country) if country else None
        street, number = split_street(str(line) if line else None, code)
        return street if slot.name == "street.name" else number

    def _word(self, slot: Slot, row: Mapping[str, object]) -> str | None:
        if (self._model.name, slot.name) == STAGE and row.get("active") is False:
            return LOST
        number = _number(row.get(slot.field))
        return self._words.word(slot.relation, number) if number else None

    def _any_link(self, row: Mapping[str, object]) -> str | None:
        pair = self._model.any_link
        if pair is None or not row.get(pair[0]) or not row.get(pair[1]):
            return None
        owner = row[pair[0]]
        number = _number(owner) if pair[0].endswith("_id") else None
        model = self._words.word("ir.model", number) if number else owner
        return f"{model}:{row[pair[1]]}"


def parse_moment(since: str) -> str:
    """Return a stamp of ours as Odoo writes points in time.

    Raises:
        UsageError: it is none.
    """
    text = since.partition(",")[0].replace("T", " ").rstrip("Z")[:19]
    if len(text) not in {10, 19}:
        raise UsageError(f"'{since}' is no point in time in ISO 8601")
    return text if len(text) == 19 else f"{text} 00:00:00"


def _logins(logins: pl.Series, keys: Sequence[str | None]) -> pl.Series:
    """Leave out logins that we have made up for users without an e-mail address."""
    pairs = zip(logins.to_list(), keys, strict=True)
    own = [None if key and login == login_of(key) else login for login, key in pairs]
    return pl.Series("login", own, pl.String)


def _stamp(value: object) -> str | None:
    return f"{str(value)[:19].replace(' ', 'T')}Z" if value else None


def _number(value: object) -> int | None:
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, int) and not isinstance(first, bool) else None


def _numbers(value: object) -> list[int]:
    return [i for i in value if isinstance(i, int)] if isinstance(value, list) else []
