"""Operations as rows that `load` takes; what cannot be one is refused before anything is sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from crmmigrate.adapters.numbered.operations import Op, RefusedError
from crmmigrate.adapters.numbered.values import BadValueError, Value, split_words
from crmmigrate.adapters.numbered.words import Meant
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.faults import OdooFault, explain
from crmmigrate.adapters.odoo.fields import ANY_LINKS, LOST, STAGE, WORDS, Form, Model, Slot
from crmmigrate.adapters.odoo.values import to_cell
from crmmigrate.adapters.odoo.words import WordBook
from crmmigrate.adapters.outcome_frames import Refusal
from crmmigrate.adapters.streets import join_street
from crmmigrate.config.suggestions import did_you_mean

__all__ = ["Row", "RowMaker"]


@dataclass(slots=True)
class Row:
    """The cells of one operation, by the header of `load`."""

    op: Op
    cells: dict[str, str] = field(default_factory=dict)


class RowMaker:
    """Makes rows of one model."""

    def __init__(self, client: Client, model: Model, words: WordBook, zone: tzinfo) -> None:
        self._client = client
        self._model = model
        self._words = words
        self._zone = zone
        self._defaults: dict[str, str] | None = None

    def rows(self, ops: Sequence[Op], *, create: bool) -> tuple[list[Row], dict[str, Refusal]]:
        """Return rows, and op_id → refusal of the operations that cannot be rows.

        For a create every column is written; a null leaves what Odoo presumes for flags, choices,
        stages and whatever it requires. For an update it is the changed columns.
        """
        made: list[Row] = []
        refused: dict[str, Refusal] = {}
        refusal = self._learn_words(ops, create=create)
        for op in ops:
            try:
                made.append(Row(op, self._cells(op, create=create)))
            except RefusedError as exc:
                told = refusal if refusal and exc.refusal.code == "NOT_IN_PICKLIST" else None
                refused[op.op_id] = told or exc.refusal
        refused |= self._lost_links(made)
        return [row for row in made if row.op.op_id not in refused], refused

    def header(self, slot: Slot) -> str:
        """Return the header of a column."""
        linked = slot.form in {Form.LINK, Form.LINKS, Form.PERSON, Form.WORD, Form.WORDS}
        return f"{slot.field}/.id" if linked else slot.field

    def default(self, slot: Slot) -> str | None:
        """Return the cell of what Odoo presumes for a column that a create leaves open."""
        presumed = slot.form in {Form.BOOLEAN, Form.CHOICE, Form.WORD} or slot.required
        if not presumed or slot.form in {Form.WORDS, Form.STREET}:
            return None
        return self._presumed().get(slot.field)

    def _cells(self, op: Op, *, create: bool) -> dict[str, str]:
        cells: dict[str, str] = {}
        wanted = op.values if create else op.changed
        for name in wanted:
            value = op.values.get(name)
            slot = self._model.slots.get(name)
            if slot is None or slot.read_only:
                if value is None and create:
                    continue
                raise RefusedError(_unwritable(self._model, name, slot))
            if slot.form is Form.STREET:
                cells["street"] = self._street(op)
            elif not value:
                cells |= self._empty(slot, create=create)
            else:
                cells |= self._filled(op, slot, value)
        return cells

    def _empty(self, slot: Slot, *, create: bool) -> dict[str, str]:
        default = self.default(slot) if create else None
        if slot.form is Form.ANY_LINK:
            return dict.fromkeys(self._pair_headers(), "")
        return {self.header(slot): default or ""}

    def _filled(self, op: Op, slot: Slot, value: Value) -> dict[str, str]:
        if (self._model.name, slot.name) == STAGE:
            return self._stage(op, slot, str(value))
        try:
            if slot.form in {Form.WORD, Form.WORDS}:
                ids = [self._word_id(op, slot, word) for word in _words(slot, str(value))]
                return {self.header(slot): ",".join(ids)}
            cell = to_cell(slot, value, self._zone)
        except BadValueError as exc:
            raise RefusedError(Refusal(exc.code, slot.name, f"{slot.name}: {exc}")) from None
        if slot.form is Form.PERSON:
            return {self.header(slot): self._partner(slot, cell)}
        if slot.form is not Form.ANY_LINK:
            return {self.header(slot): cell}
        model, _, number = cell.partition(":")
        owner = self._pair_headers()[0]
        return {owner: self._model_cell(slot, model, owner), self._pair_headers()[1]: number}

    def _stage(self, op: Op, slot: Slot, word: str) -> dict[str, str]:
        if word == LOST and self._words.id(Meant(slot.relation, LOST)) is None:
            return {self.header(slot): self.default(slot) or "", "active": "false"}
        return {self.header(slot): self._word_id(op, slot, word), "active": "true"}

    def _pair_headers(self) -> tuple[str, str]:
        owner, number = ANY_LINKS[self._model.name]
        return (f"{owner}/.id" if owner.endswith("_id") else owner), number

    def _model_cell(self, slot: Slot, model: str, header: str) -> str:
        if not header.endswith("/.id"):
            return model
        found = self._words.id(Meant("ir.model", model))
        if found is None:
            says = f"{slot.name}: the server has no {model}"
            raise RefusedError(Refusal("INVALID_LINK", slot.name, says))
        return str(found)

    def _partner(self, slot: Slot, user: str) -> str:
        partner = self._words.partner_of(int(user))
        if partner is None:
            says = f"{slot.name}: res.users {user} is not in the CRM"
            raise RefusedError(Refusal("LINKED_RECORD_MISSING", slot.name, says))
        return str(partner)

    def _street(self, op: Op) -> str:
        name, number, country = (
            str(op.values.get(column) or "") or None
            for column in ("street.name", "street.number", "country_id.code")
        )
        line = join_street(name, number, country)
        slot = self._model.slots["street.name"]
        try:
            return to_cell(slot, line, self._zone) if line else ""
        except BadValueError as exc:
            raise RefusedError(Refusal(exc.code, slot.name, f"{slot.name}: {exc}")) from None

    def _word_id(self, op: Op, slot: Slot, word: str) -> str:
        meant = self._meant(op, slot, word)
        found = self._words.id(meant)
        if found is not None:
            return str(found)
        near = did_you_mean(word, self._words.words(slot.relation))
        says = f"{slot.name}: {slot.relation} has no '{word}'{near}"
        if slot.relation == "res.country.state" and not meant.country:
            says = f"{slot.name}: a state needs a country, and the record has none"
        raise RefusedError(Refusal("NOT_IN_PICKLIST", slot.name, says))

    def _meant(self, op: Op, slot: Slot, word: str) -> Meant:
        if slot.relation != "res.country.state":
            return Meant(slot.relation, word)
        code = op.values.get("country_id.code")
        country = self._words.id(Meant("res.country", str(code))) if code else None
        return Meant(slot.relation, word, country or 0)

    def _learn_words(self, ops: Sequence[Op], *, create: bool) -> Refusal | None:
        """Add the words that code tables lack; return why they do not take them."""
        slots = [
            s
            for s in self._model.slots.values()
            if s.form in {Form.WORD, Form.WORDS} and WORDS[s.relation].grows and not s.read_only
        ]
        meant = [
            self._meant(op, slot, word)
            for slot in slots
            for op in ops
            if (value := op.values.get(slot.name)) and (create or slot.name in op.changed)
            for word in _words(slot, str(value))
        ]
        missing = [m for m in dict.fromkeys(meant) if self._words.id(m) is None]
        try:
            self._words.add(missing)
        except OdooFault as fault:
            return explain(fault.name, fault.said, self._model.labels)
        return None

    def _lost_links(self, rows: Iterable[Row]) -> dict[str, Refusal]:
        """Return op_id → refusal of rows that point to a record that is not there."""
        links: list[tuple[str, str, str, int]] = []
        for row in rows:
            for name, value in row.op.values.items():
                slot = self._model.slots.get(name)
                if slot is None or not value or slot.form not in {Form.LINK, Form.ANY_LINK}:
                    continue
                model, _, number = str(value).partition(":")
                if row.cells.get(self.header(slot)) == number:
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
        domain = {"domain": [["id", "in", ids]], "offset": 0, "limit": None}
        try:
            return set(self._client.call(model, "search", domain, repeatable=True))
        except OdooFault:
            return set()

    def _presumed(self) -> dict[str, str]:
        """Return field → cell of what Odoo presumes, asked for once."""
        if self._defaults is None:
            fields = sorted({s.field for s in self._model.slots.values() if not s.read_only})
            told: dict[str, object] = self._client.call(
                self._model.name, "default_get", {"fields_list": fields}, repeatable=True
            )
            self._defaults = {
                name: _default_cell(value)
                for name, value in told.items()
                if value not in (False, None, "") and not isinstance(value, list)
            }
        return self._defaults


def _unwritable(model: Model, name: str, slot: Slot | None) -> Refusal:
    if slot is None:
        near = did_you_mean(name, model.slots)
        return Refusal("UNKNOWN_FIELD", name, f"{name}: {model.name} has no such field{near}")
    if model.locked:
        return Refusal("NO_PERMISSION", None, f"our user may not write {model.name}")
    return Refusal("READ_ONLY_FIELD", name, f"{name}: Odoo works this field out by itself")


def _words(slot: Slot, value: str) -> list[str]:
    return split_words(value) if slot.form is Form.WORDS else [value]


def _default_cell(value: object) -> str:
    return "true" if value is True else str(value)
