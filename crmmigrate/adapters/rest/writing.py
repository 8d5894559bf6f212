"""Carry out operations over a described API: one OUTCOME row for each, by operation id."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.rest.checking import Checker, check_names, check_row, links_of
from crmmigrate.adapters.rest.finding import GENERATIONS, Finder, own_id
from crmmigrate.adapters.rest.metadata import Metadata
from crmmigrate.adapters.rest.refusals import Meaning, meaning_of
from crmmigrate.adapters.rest.values import Value
from crmmigrate.adapters.rest.wire import Json, Wire
from crmmigrate.adapters.transport import (
    PermissionMissingError,
    Reply,
    Request,
    UnknownOutcomeError,
)
from crmmigrate.model.operations import Action, Status

__all__ = ["Writer"]

_PAYLOAD = "to."
STORED_DIFFERENTLY = "STORED_DIFFERENTLY"
_TRIES = 3
"""How often a write is tried that the server fails at (HTTP 500) and has not carried out."""


@dataclass(frozen=True)
class Row:
    """One operation on its way."""

    op_id: str
    key: str
    target_id: str
    values: Mapping[str, Value]


@dataclass
class Writer:
    """Writes operations of one object and one action."""

    wire: Wire
    metadata: Metadata
    checker: Checker
    object: str
    _done: dict[str, str] = field(default_factory=dict)
    _refused: dict[str, Refusal] = field(default_factory=dict)
    _unknown: dict[str, str] = field(default_factory=dict)
    _remarks: dict[str, Refusal] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _to_repeat: list[tuple[Row, Request]] = field(default_factory=list)

    def write(self, action: str, operations: pl.DataFrame) -> pl.DataFrame:
        """Return the outcomes, in the order of the operations."""
        rows = list(self._rows(operations, action))
        if action == Action.CREATE:
            self._create(self._passed(rows, create=True))
        elif action == Action.UPDATE:
            self._update(self._passed(rows, create=False))
        else:
            self._delete(rows, purge=action == Action.PURGE)
        parts = [
            succeeded(list(self._done), list(self._done.values())),
            refused(self._refused),
            *(unknown([op_id], why) for op_id, why in self._unknown.items()),
        ]
        return _with_remarks(in_order(operations, parts), self._remarks)

    @property
    def finder(self) -> Finder:
        """Finds records of the object."""
        return Finder(self.wire, self.metadata, self.object)

    def _rows(self, operations: pl.DataFrame, action: str) -> Iterator[Row]:
        columns = [c for c in operations.columns if c.startswith(_PAYLOAD)]
        names = [c.removeprefix(_PAYLOAD) for c in columns]
        known = self.metadata.columns(self.object)
        if action == Action.UPDATE:
            used = set(operations["changed"].explode().drop_nulls())
            check_names([n for n in names if n in used], known, self.object)
        elif action == Action.CREATE:
            filled = [c for c in columns if operations[c].null_count() < operations.height]
            check_names([c.removeprefix(_PAYLOAD) for c in filled], known, self.object)
        for row in operations.iter_rows(named=True):
            if action == Action.UPDATE:
                values = {n: row[f"{_PAYLOAD}{n}"] for n in row["changed"] or () if n in names}
            else:
                told = ((n, row[c]) for n, c in zip(names, columns, strict=True))
                values = {n: v for n, v in told if v is not None}
            yield Row(row["op_id"], row["external_id"], str(row["target_id"] or ""), values)

    def _passed(self, rows: Sequence[Row], *, create: bool) -> list[Row]:
        """Refuse rows that must not be sent; return the others."""
        columns = self.metadata.columns(self.object)
        good = []
        for row in rows:
            reason = check_row(row.values, columns, self.wire.api, create=create)
            if reason is None:
                good.append(row)
            else:
                self._refused[row.op_id] = reason
        if self.wire.api.checks_links:
            return good
        links = {row.op_id: links_of(row.values, columns) for row in good}
        lost = self.checker.absent(link for found in links.values() for _, link in found)
        for op_id, found in links.items():
            for name, link in found:
                if link in lost:
                    says = "the record pointed to is not in the CRM"
                    self._refused[op_id] = Refusal("LINKED_RECORD_MISSING", name, says)
        return [row for row in good if row.op_id not in self._refused]

    def _create(self, rows: Sequence[Row]) -> None:
        """Create each record once; one that is there already succeeds and stays as it is."""
        first = {row.key: row for row in reversed(rows)}
        place = self.wire.api.external_id
        there = {} if place.own_ids or place.unique else self.finder.ids_by_key(list(first))
        fresh = [row for key, row in first.items() if key not in there][::-1]
        requests = [self._creation(row, own_id(self.object, row.key)) for row in fresh]
        for row, reply in self._sent(fresh, requests):
            self._created(row, reply)
        self._send_again(self._created)
        for row in rows:
            twin = first[row.key]
            if row.key in there:
                self._done[row.op_id] = there[row.key]
            elif twin.op_id in self._refused and row is not twin:
                self._refused[row.op_id] = self._refused[twin.op_id]
            elif twin.op_id in self._done:
                self._done[row.op_id] = self._done[twin.op_id]
            elif row is not twin:
                self._unknown[row.op_id] = self._unknown.get(twin.op_id, "")
        for id_ in self._done.values():
            self.checker.note(self.object, id_)

    def _creation(self, row: Row, id_: str) -> Request:
        record = self.finder.form.encode(row.values)
        if self.metadata.has_external_id(self.object):
            record[self.wire.api.external_id.field] = row.key
        return self.wire.create(
            self.object, record, id_ if self.wire.api.external_id.own_ids else None
        )

    def _created(self, row: Row, reply: Reply) -> None:
        if reply.ok:
            self._kept(row, self.wire.record_of(reply))
            return
        meaning = meaning_of(reply, self.wire.api)
        if meaning.kind == "exists":
            self._exists(row, meaning)
        elif reply.status >= 500:
            self._failed(row, reply)
        else:
            self._refuse(row, meaning, raises=True)

    def _exists(self, row: Row, meaning: Meaning) -> None:
        """Take a record that has our key already as created; make a deleted one anew."""
        if meaning.id:
            self._done[row.op_id] = meaning.id
            return
        there = self.finder.ids_by_key([row.key])
        if row.key in there:
            self._done[row.op_id] = there[row.key]
            return
        if not self.metadata.has_external_id(self.object):
            says = "a deleted record has the id of this one; remove it for good in the CRM"
            self._refused[row.op_id] = Refusal("DUPLICATE_VALUE", None, says)
            return
        for generation in range(1, GENERATIONS):
            request = self._creation(row, own_id(self.object, row.key, generation))
            for _, reply in self._sent([row], [request]):
                if reply.ok:
                    self._kept(row, self.wire.record_of(reply))
                    return
                told = meaning_of(reply, self.wire.api)
                if told.kind != "exists":
                    self._refuse(row, told, raises=True)
                    return
            if row.op_id in self._unknown:
                return
        self._refuse(row, meaning, raises=False)

    def _update(self, rows: Sequence[Row]) -> None:
        form = self.finder.form
        current: dict[str, Json | None] = {}
        touching = [r.target_id for r in rows if form.touches_lists(r.values)]
        if touching:
            current = dict(self.finder.each(touching))
        ready = [r for r in rows if r.target_id not in current or current[r.target_id] is not None]
        for row in rows:
            if row not in ready:
                self._refused[row.op_id] = _gone()
        requests = [
            self.wire.update(
                self.object, form.encode(r.values, current.get(r.target_id)), r.target_id
            )
            for r in ready
        ]
        for row, reply in self._sent(ready, requests):
            self._changed(row, reply)
        self._send_again(self._changed)

    def _changed(self, row: Row, reply: Reply) -> None:
        if reply.ok:
            self._kept(row, self.wire.record_of(reply))
        elif reply.status >= 500:
            self._failed(row, reply)
        else:
            self._refuse(row, meaning_of(reply, self.wire.api), raises=False)

    def _delete(self, rows: Sequence[Row], *, purge: bool) -> None:
        """Delete records; one that is gone already succeeds, one that is needed stays."""
        looks = purge and not self.wire.api.checks_referrers
        needed = self.checker.referrers(self.object, [r.target_id for r in rows]) if looks else {}
        ready = [row for row in rows if row.target_id not in needed]
        for row in rows:
            if row.target_id in needed:
                says = f"records of {needed[row.target_id]} still point to it"
                self._refused[row.op_id] = Refusal("STILL_REFERENCED", None, says)
        for row, reply in self._sent(
            ready, [self.wire.delete(self.object, r.target_id) for r in ready]
        ):
            meaning = None if reply.ok else meaning_of(reply, self.wire.api)
            if meaning is None or meaning.kind == "missing":
                self._done[row.op_id] = row.target_id
                self.checker.forget(self.object, row.target_id)
            else:
                self._refuse(row, meaning, raises=False)

    def _sent(
        self, rows: Sequence[Row], requests: Sequence[Request]
    ) -> Iterator[tuple[Row, Reply]]:
        """Yield rows with their answers; those whose reply was lost are noted as unknown."""
        for place, reply in self.wire.transport.send_all(requests):
            if isinstance(reply, UnknownOutcomeError):
                self._unknown[rows[place].op_id] = reply.message
            elif isinstance(reply, Exception):
                raise reply
            else:
                yield rows[place], reply

    def _kept(self, row: Row, record: Json | None) -> None:
        """Note a success, and what the system has stored differently."""
        id_ = str((record or {}).get("id") or row.target_id)
        if not id_:
            self._unknown[row.op_id] = "the answer does not tell the id of the record"
            return
        self._done[row.op_id] = id_
        wrong = self.finder.form.differing(row.values, record or {})
        if wrong:
            says = f"the CRM has stored {', '.join(wrong)} differently from what was sent"
            self._remarks[row.op_id] = Refusal(STORED_DIFFERENTLY, wrong[0], says)

    def _failed(self, row: Row, reply: Reply) -> None:
        """Read back after an error of the server, which may have come after the work was done.

        What was surely not done is sent again a few times: it may be a fault of the moment, or the
        record that the server cannot digest.
        """
        if row.target_id:
            (current,) = [record for _, record in self.finder.each([row.target_id])]
            if current and not self.finder.form.differing(row.values, current):
                self._done[row.op_id] = row.target_id
                return
        else:
            there = self.finder.ids_by_key([row.key])
            if row.key in there:
                self._done[row.op_id] = there[row.key]
                return
        self._failures[row.op_id] = self._failures.get(row.op_id, 0) + 1
        if self._failures[row.op_id] >= _TRIES:
            self._refused[row.op_id] = self._named(meaning_of(reply, self.wire.api))
        else:
            self._to_repeat.append((row, reply.request))

    def _send_again(self, settle: Callable[[Row, Reply], None]) -> None:
        while self._to_repeat:
            rows, requests = zip(*self._to_repeat, strict=True)
            self._to_repeat.clear()
            for row, reply in self._sent(rows, requests):
                settle(row, reply)

    def _refuse(self, row: Row, meaning: Meaning, *, raises: bool) -> None:
        if meaning.kind == "permission" and raises:
            raise PermissionMissingError(
                f"no permission to create {self.object}",
                where=self.wire.transport.server.host,
                causes=[meaning.message],
            )
        self._refused[row.op_id] = self._named(meaning)

    def _named(self, meaning: Meaning) -> Refusal:
        """Return a refusal with the field as we call it; some name the link, not its id."""
        told, columns = meaning.refusal(), self.metadata.columns(self.object)
        link = f"{told.field}Id"
        if told.field in columns or link not in columns:
            return told
        return Refusal(told.code, link, told.message, told.retriable)


def _gone() -> Refusal:
    return Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")


def _with_remarks(outcomes: pl.DataFrame, remarks: Mapping[str, Refusal]) -> pl.DataFrame:
    """Put remarks on operations that succeeded."""
    if not remarks:
        return outcomes
    told = pl.DataFrame(
        {
            "op_id": list(remarks),
            "_code": [r.code for r in remarks.values()],
            "_field": [r.field for r in remarks.values()],
            "_says": [r.message for r in remarks.values()],
        }
    )
    good = pl.col("status") == Status.SUCCEEDED.value
    return (
        outcomes.join(told, on="op_id", how="left", maintain_order="left")
        .with_columns(
            pl.when(good)
            .then(pl.coalesce("_code", "error_code"))
            .otherwise("error_code")
            .alias("error_code"),
            pl.when(good)
            .then(pl.coalesce("_field", "error_field"))
            .otherwise("error_field")
            .alias("error_field"),
            pl.when(good)
            .then(pl.coalesce("_says", "message"))
            .otherwise("message")
            .alias("message"),
        )
        .drop("_code", "_field", "_says")
    )
