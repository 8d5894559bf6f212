"""Requests of a described API, and records out of its answers."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from crmmigrate.adapters.rest.description import Description
from crmmigrate.adapters.rest.values import place_of
from crmmigrate.adapters.transport import Reply, Request, Transport
from crmmigrate.adapters.transport.answers import require_success

__all__ = ["Json", "Wire", "exact_json"]

Json = dict[str, Any]
_JSON_API = "application/vnd.api+json"
_LONGEST = 5000
"""Characters of parameters in one request: servers take 8 kB for the whole line (nginx, Apache)."""


@dataclass(frozen=True)
class Wire:
    """Speaks a described API over a transport."""

    transport: Transport
    api: Description
    create_headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **places: str) -> Request:
        """Return the request for a path."""
        return Request("GET", self.path(path, **places))

    def create(self, object_: str, record: Json, id_: str | None) -> Request:
        """Return the request that creates a record."""
        return Request(
            "POST",
            self.path(self.api.create_path, object=object_),
            headers={**self._body_headers(), **self.create_headers},
            json=self._body(object_, record, id_),
        )

    def update(self, object_: str, record: Json, id_: str) -> Request:
        """Return the request that changes a record; sending it twice changes nothing more."""
        return Request(
            self.api.update_method,
            self.path(self.api.update_path, object=object_, id=id_),
            headers=self._body_headers(),
            json=self._body(object_, record, id_ if self.api.body == "json_api" else None),
            repeatable=True,
        )

    def delete(self, object_: str, id_: str) -> Request:
        """Return the request that deletes a record."""
        return Request(
            "DELETE", self.path(self.api.record_path, object=object_, id=id_), expects_json=False
        )

    def record(self, object_: str, id_: str) -> Request:
        """Return the request for one record with everything that is in it."""
        return self.get(self.api.record_path, object=object_, id=id_)

    def pages(
        self,
        object_: str,
        fields: Sequence[str],
        where: Sequence[tuple[str, str]] = (),
        *,
        size: int = 0,
    ) -> Iterator[list[Json]]:
        """Yield the records of a list, a page at a time, in a stable order.

        Args:
            object_: The object.
            fields: Keys to be chosen; empty for all.
            where: Parameters that narrow the list.
            size: Most records; 0 for all.
        """
        paging = self.api.paging
        step = min(paging.most, size or paging.most)
        fixed = [*where, *paging.sort.items(), (paging.size, str(step))]
        if self.api.select and fields:
            fixed.append((self.api.select.format(object=self._type(object_)), ",".join(fields)))
        number = 0
        while True:
            start = number * step if paging.style == "offset" else number + 1
            path = self.path(self.api.list_path, object=object_)
            request = Request("GET", path, params=[*fixed, (paging.offset, str(start))])
            answer = self.read(request, f"reading {object_}")
            found = self._listed(answer)
            if found:
                yield found
            number += 1
            if len(found) < step or size:
                return

    def count(self, object_: str) -> int | None:
        """Return how many records there are, where the API tells."""
        if not self.api.total:
            return None
        path = self.path(self.api.list_path, object=object_)
        answer = self.read(
            Request("GET", path, params=[(self.api.paging.size, "1")]), f"counting {object_}"
        )
        told = str(place_of(answer, self.api.total))
        if told.isdigit():
            return int(told)
        return None if self._listed(answer) else 0

    def where_equal(
        self, object_: str, key: str, values: Sequence[str], fields: Sequence[str] = ()
    ) -> Iterator[list[Json]]:
        """Yield the records whose field has one of the values."""
        filters = self.api.filters
        if not filters.one_of:
            for value in values:
                yield from self.pages(object_, fields, _filled(filters.equals, key, value))
            return
        for piece in _pieces(values, filters.values_at_once):
            *before, (name, pattern) = filters.one_of.items()
            where = [(n, t.format(field=key)) for n, t in before]
            where += [(name, pattern.format(field=key, value=value)) for value in piece]
            yield from self.pages(object_, fields, where)

    def tried_equal(self, object_: str, key: str, value: str) -> list[Json] | None:
        """Return the records whose field has a value; None if the server cannot tell."""
        where = _filled(self.api.filters.equals, key, value)
        path = self.path(self.api.list_path, object=object_)
        reply = self.transport.send(Request("GET", path, params=where, repeatable=False))
        return self._listed(exact_json(reply)) if reply.ok else None

    def since(self, moment: str) -> list[tuple[str, str]]:
        """Return the parameters for what has changed since a point in time, or just before it.

        Servers count whole seconds, so the last one is read again.
        """
        start = datetime.fromisoformat(moment) - timedelta(seconds=self.api.overlap)
        zoned = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
        told = zoned.strftime(self.api.datetimes)
        return _filled(self.api.filters.since, self.api.modified, told)

    def read(self, request: Request, doing: str) -> Any:  # noqa: ANN401 - JSON
        """Return the JSON of an answer that must be one of success."""
        return exact_json(
            require_success(self.transport.send(request), self.transport.server, doing)
        )

    def record_of(self, reply: Reply) -> Json | None:
        """Return the record in an answer; None if there is none."""
        try:
            document = exact_json(reply)
        except ValueError:
            return None
        if self.api.body == "json_api":
            document = place_of(document, "data")
        if not isinstance(document, Mapping) or document.get(self.api.deleted) is True:
            return None
        return self._flat(document)

    def _listed(self, answer: Any) -> list[Json]:  # noqa: ANN401 - JSON
        listed = place_of(answer, self.api.records)
        return [self._flat(r) for r in listed or () if isinstance(r, Mapping)]

    def _flat(self, record: Mapping[str, Any]) -> Json:
        if self.api.body != "json_api":
            return dict(record)
        return {**(record.get("attributes") or {}), "id": record.get("id")}

    def _body(self, object_: str, record: Json, id_: str | None) -> Json:
        own = {} if id_ is None else {"id": id_}
        if self.api.body == "json_api":
            return {"data": {"type": object_, **own, "attributes": record}}
        return {**record, **own}

    def _body_headers(self) -> dict[str, str]:
        """JSON:API has a media type of its own."""
        return {"Content-Type": _JSON_API} if self.api.body == "json_api" else {}

    def path(self, path: str, **places: str) -> str:
        """Return a path of the API with its places filled in."""
        filled = path.format(**{name: quote(value, safe="") for name, value in places.items()})
        return f"{self.api.base.rstrip('/')}/{filled.lstrip('/')}"

    def _type(self, object_: str) -> str:
        return self.api.type_names.get(object_, object_)


def exact_json(reply: Reply) -> Any:  # noqa: ANN401 - JSON
    """Return the JSON of an answer with its numbers as they are written."""
    return json.loads(reply.content, parse_float=str, parse_int=str)


def _filled(parameters: Mapping[str, str], key: str, value: str) -> list[tuple[str, str]]:
    return [
        (name.format(field=key), text.format(field=key, value=value))
        for name, text in parameters.items()
    ]


def _pieces(values: Sequence[str], most: int) -> Iterator[list[str]]:
    """Yield values so many at a time, and never too long for one line."""
    piece: list[str] = []
    length = 0
    for value in values:
        added = len(quote(value)) + 40
        if piece and (len(piece) >= most or length + added > _LONGEST):
            yield piece
            piece, length = [], 0
        piece.append(value)
        length += added
    if piece:
        yield piece
