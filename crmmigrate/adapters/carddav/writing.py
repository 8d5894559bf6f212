"""Carry out operations on cards: one OUTCOME row for each, by operation id."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import polars as pl

from crmmigrate.adapters.carddav.cards import Card
from crmmigrate.adapters.carddav.checking import Checker, Row
from crmmigrate.adapters.carddav.fields import Field, Value, settle, write_fields
from crmmigrate.adapters.carddav.refusals import Answer, Meaning, meaning_of
from crmmigrate.adapters.carddav.shelf import Copy, Shelf, own_id, own_uid
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import Request, UnknownOutcomeError, UnreachableError
from crmmigrate.model.operations import Action

__all__ = ["Writer"]

_PAYLOAD = "to."
_TRIES = 4
"""How often a change is tried on a card that others change at the same time."""
_GENERATIONS = 4
"""How many cards of one key may have been let go."""
_GONE = Refusal("RECORD_MISSING", None, "the card is no longer in the address book")


@dataclass
class Writer:
    """Writes operations of one action.

    Every request may be sent twice, since it bears the condition under which it holds: a create
    that no card is there, an update the version it was made for. So the reply that was lost is of no
    harm: the same request is sent again, and what comes of it is the truth.
    """

    shelf: Shelf
    fields: Mapping[str, Field]
    checker: Checker
    clock: Callable[[], datetime]
    _done: dict[str, str] = field(default_factory=dict)
    _refused: dict[str, Refusal] = field(default_factory=dict)
    _unknown: dict[str, str] = field(default_factory=dict)

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
        return in_order(operations, parts)

    def _rows(self, operations: pl.DataFrame, action: str) -> Iterator[Row]:
        columns = [c for c in operations.columns if c.startswith(_PAYLOAD)]
        names = [c.removeprefix(_PAYLOAD) for c in columns]
        for row in operations.iter_rows(named=True):
            told = {n: row[c] for n, c in zip(names, columns, strict=True)}
            if action == Action.UPDATE:
                values = {n: told.get(n) for n in row["changed"] or ()}
            else:
                values = {n: v for n, v in told.items() if v is not None}
            yield Row(row["op_id"], row["external_id"], str(row["target_id"] or ""), values)

    def _passed(self, rows: Sequence[Row], *, create: bool) -> list[Row]:
        """Refuse rows that must not be sent; return the others, links as identifiers."""
        good, why = self.checker.check(rows, create=create)
        self._refused |= why
        return good

    def _create(self, rows: Sequence[Row]) -> None:
        """Create each card once; one that is there already succeeds and stays as it is."""
        first = {row.key: row for row in reversed(rows)}
        claimed = self.shelf.claimed(list(first))
        fresh = [row for row in rows if first[row.key] is row]
        self._done |= {row.op_id: claimed[row.key] for row in fresh if row.key in claimed}
        left = [row for row in fresh if row.key not in claimed]
        for generation in range(_GENERATIONS):
            left = self._create_once(left, generation) if left else []
        for row in left:
            says = "cards of this key were let go too often"
            self._refused[row.op_id] = Refusal("DUPLICATE_VALUE", None, says)
        for row in rows:
            self._follow(row, first[row.key])

    def _create_once(self, rows: Sequence[Row], generation: int) -> list[Row]:
        """Create cards; return the rows in whose place a card stands that was let go."""
        ready, requests = [], []
        for row in rows:
            card = Card.new(own_uid(row.key, generation), row.key)
            self._fill(card, row)
            if self._fits(card, row):
                ready.append(row)
                id_ = own_id(row.key, generation)
                requests.append(self._put(id_, card, ("If-None-Match", "*")))
        there: dict[str, Row] = {}
        taken = []
        for row, answer in self._sent(ready, requests):
            if answer.meaning == Meaning.DONE:
                self._done[row.op_id] = own_id(row.key, generation)
            elif answer.meaning == Meaning.CHANGED:
                there[own_id(row.key, generation)] = row
            elif answer.meaning == Meaning.TAKEN:
                taken.append(row)
            else:
                self._refused[row.op_id] = answer.refusal or _GONE
        if taken:
            self._take_moved(taken)
        return self._let_go(there)

    def _let_go(self, there: Mapping[str, Row]) -> list[Row]:
        """Take cards as created that are there already; return the rows of those not ours."""
        foreign = set()
        for copy in self.shelf.copies(list(there)):
            if not self.shelf.is_ours(copy, there[copy.id].key):
                foreign.add(copy.id)
        self._done |= {row.op_id: id_ for id_, row in there.items() if id_ not in foreign}
        left = [row for id_, row in there.items() if id_ in foreign]
        elsewhere = self.shelf.moved([row.key for row in left]) if left else {}
        self._done |= {row.op_id: elsewhere[row.key] for row in left if row.key in elsewhere}
        return [row for row in left if row.key not in elsewhere]

    def _take_moved(self, rows: Sequence[Row]) -> None:
        """Take cards of ours as created that another program has put elsewhere in the book."""
        found = self.shelf.moved([row.key for row in rows])
        for row in rows:
            if row.key in found:
                self._done[row.op_id] = found[row.key]
            else:
                says = "another address book of the server has a card with the UID of this one"
                self._refused[row.op_id] = Refusal("DUPLICATE_VALUE", None, says)

    def _follow(self, row: Row, twin: Row) -> None:
        """Give an operation the fate of the first of the same key."""
        if row is twin:
            return
        if twin.op_id in self._done:
            self._done[row.op_id] = self._done[twin.op_id]
        elif twin.op_id in self._refused:
            self._refused[row.op_id] = self._refused[twin.op_id]
        else:
            self._unknown[row.op_id] = self._unknown.get(twin.op_id, "")

    def _update(self, rows: Sequence[Row]) -> None:
        """Write into the cards that are there; again where somebody was quicker."""
        left = list(rows)
        for _ in range(_TRIES):
            if not left:
                return
            there = {c.id: c for c in self.shelf.copies([row.target_id for row in left])}
            left = self._update_once(left, there)
        busy = Refusal("BUSY", None, "the card is being changed by others again and again", True)
        self._refused |= {row.op_id: busy for row in left}

    def _update_once(self, rows: Sequence[Row], there: Mapping[str, Copy]) -> list[Row]:
        """Write rows; return those whose card has changed since it was read, or comes later."""
        ready: list[Row] = []
        requests: list[Request] = []
        later: list[Row] = []
        for row in rows:
            copy = there.get(row.target_id)
            if copy is None:
                self._refused[row.op_id] = _GONE
            elif any(row.target_id == other.target_id for other in ready):
                later.append(row)
            elif not self._fill(copy.card, row):
                self._done[row.op_id] = row.target_id
            elif self._fits(copy.card, row):
                ready.append(row)
                condition = ("If-Match", copy.etag) if copy.etag else None
                requests.append(self._put(row.target_id, copy.card, condition))
        for row, answer in self._sent(ready, requests):
            if answer.meaning == Meaning.CHANGED:
                later.append(row)
            elif answer.meaning == Meaning.DONE:
                self._done[row.op_id] = row.target_id
                self.checker.forget(row.target_id)
            else:
                self._refused[row.op_id] = answer.refusal or _GONE
        return later

    def _fill(self, card: Card, row: Row) -> bool:
        """Write values into a card; return whether that has changed it."""
        before, name = card.text, card.name
        employer = self.fields["employer"].read(card)
        write_fields(card, self.fields, row.values)
        if "employer" in row.values and "company" not in row.values:
            self._name_company(card, row, employer)
        settle(card, name)
        if card.text == before:
            return False
        card.put("REV", self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        return True

    def _name_company(self, card: Card, row: Row, employer: Value) -> None:
        """Write the name of the new employer as ORG, unless there stands a word of somebody else."""
        company = self.fields["company"]
        told = company.read(card)
        if told is None or (employer and told == self.checker.name_of(str(employer))):
            company.write(card, row.company)

    def _fits(self, card: Card, row: Row) -> bool:
        """Refuse a card that is larger than the server takes."""
        most, size = self.shelf.book.largest, len(card.text.encode())
        if most is None or size <= most:
            return True
        says = f"the card has {size:,} bytes, the server takes {most:,}"
        self._refused[row.op_id] = Refusal("TOO_LONG", None, says)
        return False

    def _put(self, id_: str, card: Card, condition: tuple[str, str] | None) -> Request:
        return self.shelf.wire.put(self.shelf.book.address + id_, card.text, condition)

    def _delete(self, rows: Sequence[Row], *, purge: bool) -> None:
        """Remove cards; one that is gone already succeeds, one that others point to stays."""
        needed = self.shelf.referrers([row.target_id for row in rows]) if purge else {}
        ready = [row for row in rows if row.target_id not in needed]
        for row in rows:
            if row.target_id in needed:
                says = f"the card {needed[row.target_id]} still points to it"
                self._refused[row.op_id] = Refusal("STILL_REFERENCED", None, says)
        address = self.shelf.book.address
        requests = [self.shelf.wire.delete(address + row.target_id) for row in ready]
        for row, answer in self._sent(ready, requests):
            if answer.meaning in {Meaning.DONE, Meaning.MISSING}:
                self._done[row.op_id] = row.target_id
                self.checker.forget(row.target_id)
            else:
                self._refused[row.op_id] = answer.refusal or replace(_GONE, code="REFUSED")

    def _sent(
        self, rows: Sequence[Row], requests: Sequence[Request]
    ) -> Iterator[tuple[Row, Answer]]:
        """Yield rows with what their answers mean."""
        transport = self.shelf.wire.transport
        for place, reply in transport.send_all(requests):
            row = rows[place]
            if isinstance(reply, UnknownOutcomeError):
                self._unknown[row.op_id] = reply.message
            elif isinstance(reply, UnreachableError):
                yield row, self._failing(reply)
            elif isinstance(reply, Exception):
                raise reply
            else:
                yield row, meaning_of(reply, transport.server.host)

    def _failing(self, error: UnreachableError) -> Answer:
        """Return the refusal of a card that the server fails at, if it answers to anything else.

        Raises:
            CrmMigrateError: it does not.
        """
        self.shelf.token()
        return Answer(Meaning.REFUSED, Refusal("REFUSED", None, error.message))
