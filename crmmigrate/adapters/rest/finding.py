"""Find records of a described API by our keys or by its ids."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.records import RecordForm
from crmmigrate.adapters.rest.refusals import meaning_of
from crmmigrate.adapters.rest.wire import Json, Wire
from crmmigrate.adapters.transport import Reply
from crmmigrate.adapters.transport.answers import require_success

__all__ = ["GENERATIONS", "Finder", "own_id"]

_SPACE = uuid.UUID("6f2b0c7e-9a54-5d0e-8f0c-2f6d2f0a7c11")
"""Namespace of our ids; the same key has the same id in every run (RFC 9562, version 5)."""
GENERATIONS = 20
"""How often a record may have been deleted and made again under ids of our choice."""


def own_id(object_: str, key: str, generation: int = 0) -> str:
    """Return the id of our choice for a record key.

    A generation is used up when the record is deleted, where ids of deleted records stay taken.
    """
    name = f"{object_}\n{key}" if not generation else f"{object_}\n{key}\n{generation}"
    return str(uuid.uuid5(_SPACE, name))


@dataclass(frozen=True)
class Finder:
    """Finds records of one object."""

    wire: Wire
    metadata: Metadata
    object: str

    @property
    def form(self) -> RecordForm:
        """How its records look."""
        return RecordForm(self.metadata, self.object)

    def all(self, fields: Sequence[str], since: str | None = None) -> Iterator[list[Json]]:
        """Yield all records, or those that have changed since."""
        where = self.wire.since(since) if since else []
        for page in self.wire.pages(self.object, self._keys(fields), where):
            yield self._whole(page) if self.form.needs_whole(fields) else page

    def by_key(self, keys: Sequence[str], fields: Sequence[str]) -> Iterator[list[Json]]:
        """Yield records by our keys."""
        place = self.wire.api.external_id.field
        if self.wire.api.external_id.own_ids:
            found = self._by_own_id(keys)
            there = {str(record.get(place)) for record in found}
            found += self._made_anew([key for key in keys if key not in there])
            if found:
                yield found
            return
        for page in self.wire.where_equal(self.object, place, keys, self._keys(fields)):
            yield self._whole(page) if self.form.needs_whole(fields) else page

    def by_id(self, ids: Sequence[str]) -> Iterator[list[Json]]:
        """Yield records by their ids; those that are missing are left out."""
        found = [record for _, record in self.each(ids) if record is not None]
        if found:
            yield found

    def ids_by_key(self, keys: Sequence[str]) -> dict[str, str]:
        """Return key → id of the records that are there."""
        place = self.wire.api.external_id.field
        return {
            str(record.get(place)): str(record["id"])
            for page in self.by_key(keys, ())
            for record in page
        }

    def each(self, ids: Sequence[str]) -> Iterator[tuple[str, Json | None]]:
        """Yield each id with its record, or None where there is none."""
        asked = list(ids)
        requests = [self.wire.record(self.object, id_) for id_ in asked]
        for place, reply in self.wire.transport.send_all(requests):
            yield asked[place], self._record(reply)

    def _record(self, reply: Reply | Exception) -> Json | None:
        if isinstance(reply, Exception):
            raise reply
        if reply.ok:
            return self.wire.record_of(reply)
        if meaning_of(reply, self.wire.api).kind == "missing":
            return None
        require_success(reply, self.wire.transport.server, f"reading {self.object}")
        return None

    def _by_own_id(self, keys: Sequence[str]) -> list[Json]:
        """Return records under ids of our choice; those that were deleted are not found."""
        place = self.wire.api.external_id.field
        names = {own_id(self.object, key): key for key in keys}
        return [
            {**record, place: names[id_]}
            for id_, record in self.each(list(names))
            if record is not None
        ]

    def _made_anew(self, keys: Sequence[str]) -> list[Json]:
        """Return records that have our key but another id, because they had been deleted once.

        A server that cannot filter by a custom field is asked but once; then such records are not
        found, and creating one more is refused by its id.
        """
        place = self.wire.api.external_id.field
        if (
            not self.metadata.has_external_id(self.object)
            or self.object in self.metadata.unfiltered
        ):
            return []
        found: list[Json] = []
        for key in keys:
            records = self.wire.tried_equal(self.object, place, key)
            if records is None:
                self.metadata.unfiltered.add(self.object)
                break
            found += records
        return found

    def _whole(self, page: list[Json]) -> list[Json]:
        return [record for _, record in self.each([str(r["id"]) for r in page]) if record]

    def _keys(self, fields: Sequence[str]) -> list[str]:
        place, modified = self.wire.api.external_id.field, self.wire.api.modified
        own = [place] if self.metadata.has_external_id(self.object) else []
        return ["id", *own, *([modified] if modified else []), *self.form.keys(fields)]
