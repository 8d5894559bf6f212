"""Records of one model as frames: by id, by our key, all of them, or what has changed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import polars as pl

from crmmigrate.adapters.numbered.operations import pieces
from crmmigrate.adapters.numbered.values import Value
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.fields import EMPLOYEE, PARTY, Form, Model, Slot
from crmmigrate.adapters.tryton.keys import NO_SIDECARS, Keys
from crmmigrate.adapters.tryton.nesting import Nest
from crmmigrate.adapters.tryton.parts import OWN
from crmmigrate.adapters.tryton.values import from_wire, moment_of
from crmmigrate.adapters.tryton.words import WordBook
from crmmigrate.errors import UsageError

__all__ = ["HOME", "PAGE", "Reader", "parse_moment"]

PAGE = 1000
"""Records in one call of `read`: about a megabyte of JSON."""
_HEAVY = 20
"""Records in one call where files are read."""
HOME = "company.company"
"""Remarks and files about nothing are kept with our company, since Tryton wants them somewhere."""
_DATES = ("create_date", "write_date")


class Reader:
    """Reads records of one model."""

    def __init__(self, client: Client, model: Model, keys: Keys, words: WordBook) -> None:
        self._client = client
        self._model = model
        self._keys = keys
        self._words = words
        self._nest = Nest(client, model, words)

    def by_keys(self, keys: Sequence[str], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        """Yield the records that bear these keys."""
        for some in pieces(list(dict.fromkeys(keys)), PAGE):
            named = self._keys.ids(self._model.name, some)
            yield from self._frames(list(dict.fromkeys(named.values())), slots)

    def by_ids(self, ids: Sequence[str], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        """Yield the records of these ids."""
        numbers = [int(text) for text in dict.fromkeys(ids) if text.isdecimal()]
        for some in pieces(numbers, PAGE):
            yield from self._frames(some, slots)

    def all(self, slots: Sequence[Slot], where: Sequence[object] = ()) -> Iterator[pl.DataFrame]:
        """Yield all records in order of their ids, a page at a time."""
        last = 0
        while True:
            ids = self._search([["id", ">", last], *where], limit=PAGE)
            if not ids:
                return
            yield from self._frames(ids, slots)
            last = ids[-1]

    def since(
        self, moment: str, slots: Sequence[Slot], where: Sequence[object] = ()
    ) -> Iterator[pl.DataFrame]:
        """Yield what was written at a moment or later, oldest first.

        A change of an address or of a contact mechanism is one of its party. The ids are asked
        for at once: what changes meanwhile comes the next time.

        Args:
            moment: UTC as `YYYY-MM-DDTHH:MM:SS.ffffff`.
            slots: What is read.
            where: Further conditions.
        """
        told = _wire_moment(moment)
        paths = [*_DATES, *(f"{p}.{d}" for p in self._watched() for d in _DATES)]
        domain = [["OR", *([path, ">=", told] for path in paths)], *where]
        ids = self._search(domain, limit=None)
        frames = list(self._frames(ids, slots))
        if frames:
            yield from pl.concat(frames).sort("_modified_at").iter_slices(PAGE)

    def _watched(self) -> list[str]:
        if self._model.name == PARTY:
            return ["addresses", "contact_mechanisms"]
        if self._model.name == EMPLOYEE:
            return ["party", "party.addresses", "party.contact_mechanisms"]
        return []

    def _search(self, domain: Sequence[object], *, limit: int | None) -> list[int]:
        own = [NO_SIDECARS] if self._model.name == "ir.attachment" else []
        found: list[int] = self._client.call_for_company(
            self._model.name,
            "search",
            [*domain, *own],
            0,
            limit,
            [["id", "ASC"]],
            repeatable=True,
        )
        return found

    def _frames(self, ids: Sequence[int], slots: Sequence[Slot]) -> Iterator[pl.DataFrame]:
        heavy = any(slot.form is Form.BINARY for slot in slots)
        for some in pieces(ids, _HEAVY if heavy else PAGE):
            there = set(self._search([["id", "in", some]], limit=None))
            known = [number for number in some if number in there]
            if known:
                yield self._frame(known, slots)

    def _frame(self, ids: Sequence[int], slots: Sequence[Slot]) -> pl.DataFrame:
        fields = sorted(
            {f for slot in slots for f in self._fields(slot)} | self._date_fields(slots)
        )
        rows: list[dict[str, Any]] = self._client.call_for_company(
            self._model.name, "read", list(ids), fields, repeatable=True
        )
        order = {number: place for place, number in enumerate(ids)}
        rows.sort(key=lambda row: order[int(row["id"])])
        keys = self._keys.keys(self._model.name, ids)
        kinds = self._kinds(rows) if any(s.form is Form.KIND for s in slots) else {}
        columns: dict[str, pl.Series] = {
            "_id": pl.Series("_id", [str(row["id"]) for row in rows], pl.String),
            "_external_id": pl.Series(
                "_external_id", [keys.get(int(row["id"])) for row in rows], pl.String
            ),
            "_modified_at": pl.Series("_modified_at", [_modified(row) for row in rows], pl.String),
        }
        for slot in slots:
            kind = pl.Binary if slot.form is Form.BINARY else pl.String
            values = [
                kinds[int(row["id"])] if slot.form is Form.KIND else self._value(slot, row)
                for row in rows
            ]
            columns[slot.name] = pl.Series(slot.name, values, kind)
        return pl.DataFrame(columns)

    def _fields(self, slot: Slot) -> list[str]:
        before = "party." if slot.of_party else ""
        if slot.form is Form.KIND:
            return ["categories"]
        if slot.part is OWN:
            return [before + slot.field]
        told = [f"{slot.part.field}.{slot.field}", *self._nest.fields(slot.part)]
        return [before + name for name in told]

    def _date_fields(self, slots: Sequence[Slot]) -> set[str]:
        found = set(_DATES)
        for slot in slots:
            before = "party." if slot.of_party else ""
            if slot.of_party:
                found |= {f"party.{d}" for d in _DATES}
            if slot.part is not OWN and slot.part.field != "relations":
                found |= {f"{before}{slot.part.field}.{d}" for d in _DATES}
        return found

    def _value(self, slot: Slot, row: Mapping[str, Any]) -> Value:
        holder: Mapping[str, Any] = (row.get("party.") or {}) if slot.of_party else row
        if slot.part is not OWN:
            child = self._nest.child(slot.part, holder)
            if child is None:
                return None
            holder = child
        value = holder.get(slot.field)
        if slot.part.field == "identifiers":
            return str(value).removeprefix(slot.part.label) or None
        if slot.form is Form.WORD:
            return self._words.word(slot.relation, int(value)) if value else None
        if slot.form is Form.WORDS:
            person = self._words.person_id() if slot.relation == "party.category" else None
            numbers = [int(n) for n in value or () if n != person]
            named = [self._words.word(slot.relation, n) for n in numbers]
            return ", ".join(sorted(word for word in named if word)) or None
        if slot.form is Form.ANY_LINK and str(value or "").startswith(f"{HOME},"):
            return None
        return from_wire(slot, value)

    def _kinds(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
        """Return party → what it is."""
        ids = [int(row["id"]) for row in rows]
        person = self._words.person_id()
        found = {
            int(row["id"]): "person" if person in (row.get("categories") or ()) else "company"
            for row in rows
        }
        for model, kind in ((EMPLOYEE, "employee"), (HOME, "own")):
            there = self._client.call_for_company(
                model,
                "search_read",
                [["party", "in", ids]],
                0,
                None,
                None,
                ["party"],
                repeatable=True,
            )
            found |= {int(row["party"]): kind for row in there}
        return found


def parse_moment(since: str) -> str:
    """Return a stamp of ours in its longest form.

    Raises:
        UsageError: it is none.
    """
    text = since.partition(",")[0].strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"'{since}' is no point in time in ISO 8601") from None
    told = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return told.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _wire_moment(moment: str) -> dict[str, object]:
    told = datetime.fromisoformat(moment)
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{n: getattr(told, n) for n in names}}


def _modified(row: Mapping[str, Any]) -> str | None:
    """Return when a record or what belongs to it was last written."""
    stamps = [moment_of(row.get(name)) for name in _DATES]
    for name, value in row.items():
        if name.endswith("."):
            children = value if isinstance(value, list) else [value]
            stamps += [_modified(child) for child in children if isinstance(child, dict)]
    return max((s for s in stamps if s), default=None)
