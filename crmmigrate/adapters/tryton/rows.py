"""Operations as values of Tryton; what cannot be one is refused before anything is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from crmmigrate.adapters.numbered.operations import Op, RefusedError, pieces
from crmmigrate.adapters.numbered.values import BadValueError, Value, split_words
from crmmigrate.adapters.numbered.words import Meant
from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.adapters.tryton.fields import WORDS, Form, Model, Slot
from crmmigrate.adapters.tryton.parts import OWN, Part
from crmmigrate.adapters.tryton.values import to_wire
from crmmigrate.adapters.tryton.words import COUNTRY, SUBDIVISION, WordBook
from crmmigrate.config.suggestions import did_you_mean

__all__ = ["Row", "RowMaker", "present"]


@dataclass(slots=True)
class Row:
    """The values of one operation.

    Attributes:
        op: The operation.
        own: Values of the record itself.
        party: Values of the party of an employee.
        parts: Part → values of its record.
        kind: Kind of a party, where it is written.
    """

    op: Op
    own: dict[str, Any] = field(default_factory=dict)
    party: dict[str, Any] = field(default_factory=dict)
    parts: dict[Part, dict[str, Any]] = field(default_factory=dict)
    kind: str | None = None


class RowMaker:
    """Makes rows of one model."""

    def __init__(self, client: Client, model: Model, words: WordBook, zone: tzinfo) -> None:
        self._client = client
        self._model = model
        self._words = words
        self._zone = zone
        slots = model.slots.values()
        self._required = [
            (s, tuple(t.name for t in slots if (t.field, t.part) == (s.field, s.part)))
            for s in slots
            if s.required and not s.read_only and s.part is OWN
        ]

    def rows(self, ops: Sequence[Op], *, create: bool) -> tuple[list[Row], dict[str, Refusal]]:
        """Return rows, and op_id → refusal of the operations that cannot be rows.

        For a create every column is written that has a value; for an update the changed columns.
        """
        made: list[Row] = []
        refused: dict[str, Refusal] = {}
        refusal = self._learn_words(ops, create=create)
        for op in ops:
            try:
                made.append(self._row(op, create=create))
            except RefusedError as exc:
                told = refusal if refusal and exc.refusal.code == "NOT_IN_PICKLIST" else None
                refused[op.op_id] = told or exc.refusal
        refused |= self._lost_links(made, create=create)
        return [row for row in made if row.op.op_id not in refused], refused

    def blamed(self, op: Op) -> dict[tuple[str, str], str]:
        """Return what a message about an operation may mean: the columns it writes come first."""
        written = [s for n, s in self._model.slots.items() if op.values.get(n)]
        found = dict(self._model.blamed)
        return found | {(s.label, ""): s.name for s in reversed(written)}

    def _row(self, op: Op, *, create: bool) -> Row:
        row = Row(op)
        for name in op.values if create else op.changed:
            value = op.values.get(name)
            slot = self._model.slots.get(name)
            if slot is None or slot.read_only:
                if value is None and create:
                    continue
                raise RefusedError(_unwritable(self._model, name, slot))
            if value:
                self._fill(row, slot, value)
            elif not create:
                self._leave_blank(row, slot)
        self._require(op, create=create)
        return row

    def _require(self, op: Op, *, create: bool) -> None:
        for slot, twins in self._required:
            wanted = create or slot.name in op.changed
            if wanted and not any(op.values.get(name) for name in twins):
                says = f"{slot.name}: the field is required"
                raise RefusedError(Refusal("REQUIRED_FIELD_MISSING", slot.name, says))

    def _leave_blank(self, row: Row, slot: Slot) -> None:
        if slot.part is not OWN:
            row.parts.setdefault(slot.part, {})[slot.field] = None
        elif slot.form is not Form.KIND and slot.name not in self._model.filled:
            empty: object = [] if slot.form is Form.WORDS else None
            if slot.form is Form.BOOLEAN:
                empty = slot.field == "active"
            self._own(row, slot)[slot.field] = empty

    def _fill(self, row: Row, slot: Slot, value: Value) -> None:
        if slot.form is Form.KIND:
            row.kind = str(self._told(slot, value))
            return
        if slot.form is Form.WORD:
            told: object = self._word_id(row.op, slot, str(value))
        elif slot.form is Form.WORDS:
            told = [self._word_id(row.op, slot, word) for word in split_words(str(value))]
        else:
            told = self._told(slot, value)
            if slot.part.field == "identifiers":
                told = slot.part.label + str(told)
        if slot.part is OWN:
            self._own(row, slot)[slot.field] = told
        else:
            row.parts.setdefault(slot.part, {})[slot.field] = told

    def _own(self, row: Row, slot: Slot) -> dict[str, Any]:
        return row.party if slot.of_party else row.own

    def _told(self, slot: Slot, value: Value) -> object:
        try:
            return to_wire(slot, value, self._zone)
        except BadValueError as exc:
            raise RefusedError(Refusal(exc.code, slot.name, f"{slot.name}: {exc}")) from None

    def _word_id(self, op: Op, slot: Slot, word: str) -> int:
        meant = self._meant(op, slot, word)
        found = self._words.id(meant)
        if found is not None:
            return found
        near = did_you_mean(word, self._words.words(slot.relation))
        says = f"{slot.name}: {slot.relation} has no '{word}'{near}"
        if slot.relation == SUBDIVISION and not meant.country:
            says = f"{slot.name}: a subdivision needs a country, and the record has none"
        raise RefusedError(Refusal("NOT_IN_PICKLIST", slot.name, says))

    def _meant(self, op: Op, slot: Slot, word: str) -> Meant:
        if slot.relation != SUBDIVISION:
            return Meant(slot.relation, word)
        code = op.values.get(slot.name.replace("subdivision.name", "country.code"))
        country = self._words.id(Meant(COUNTRY, str(code))) if code else None
        return Meant(slot.relation, word, country or 0)

    def _learn_words(self, ops: Sequence[Op], *, create: bool) -> Refusal | None:
        """Add the words that code tables lack; return why they do not take them."""
        slots = [
            s
            for s in self._model.slots.values()
            if s.form in {Form.WORD, Form.WORDS} and WORDS[s.relation].grows and not s.read_only
        ]
        # Subdivisions come after the countries they are in.
        for slot in sorted(slots, key=lambda s: s.relation == SUBDIVISION):
            meant = [self._meant(op, slot, word) for op, word in _named(ops, slot, create=create)]
            missing = [m for m in dict.fromkeys(meant) if self._words.id(m) is None]
            try:
                self._words.add(missing)
            except TrytonFault as fault:
                return explain(fault, self._model.blamed)
        return None

    def _lost_links(self, rows: Iterable[Row], *, create: bool) -> dict[str, Refusal]:
        """Return op_id → refusal of rows that point to a record that is not there."""
        links: list[tuple[str, str, str, int]] = []
        for row in rows:
            for name in row.op.values if create else row.op.changed:
                value, slot = row.op.values.get(name), self._model.slots.get(name)
                if value and slot is not None and slot.form in {Form.LINK, Form.ANY_LINK}:
                    model, _, number = str(value).partition(":")
                    links.append((row.op.op_id, name, model, int(number)))
        there = {
            model: self._present(model, sorted({n for _, _, m, n in links if m == model}))
            for model in {m for _, _, m, _ in links}
        }
        return {
            op_id: Refusal(
                "LINKED_RECORD_MISSING", name, f"{name}: {model} {number} is not in the CRM"
            )
            for op_id, name, model, number in reversed(links)
            if number not in there[model]
        }

    def _present(self, model: str, ids: list[int]) -> set[int]:
        try:
            return present(self._client, model, ids)
        except TrytonFault:
            return set()


def present(client: Client, model: str, ids: Iterable[int | None]) -> set[int]:
    """Return which ids are those of records, archived ones too."""
    found: set[int] = set()
    for some in pieces(list(dict.fromkeys(i for i in ids if i is not None)), 1000):
        domain = [["id", "in", some]]
        found |= set(
            client.call_for_company(model, "search", domain, 0, None, None, repeatable=True)
        )
    return found


def _named(ops: Iterable[Op], slot: Slot, *, create: bool) -> Iterator[tuple[Op, str]]:
    for op in ops:
        value = op.values.get(slot.name)
        if value and (create or slot.name in op.changed):
            words = split_words(str(value)) if slot.form is Form.WORDS else [str(value)]
            yield from ((op, word) for word in words)


def _unwritable(model: Model, name: str, slot: Slot | None) -> Refusal:
    if slot is None:
        near = did_you_mean(name, model.slots)
        return Refusal("UNKNOWN_FIELD", name, f"{name}: {model.name} has no such field{near}")
    return Refusal("READ_ONLY_FIELD", name, f"{name}: Tryton works this field out by itself")
