"""Creates and updates of one model: batches that Tryton takes whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.numbered.operations import Op, operations_of, pieces
from crmmigrate.adapters.numbered.words import Meant
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError
from crmmigrate.adapters.tryton.archiving import Changes
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.adapters.tryton.fields import EMPLOYEE, PARTY, Model
from crmmigrate.adapters.tryton.keys import Keys
from crmmigrate.adapters.tryton.nesting import Nest, Old
from crmmigrate.adapters.tryton.opportunities import OPPORTUNITY, Stages
from crmmigrate.adapters.tryton.reading import HOME
from crmmigrate.adapters.tryton.rows import Row, RowMaker, present
from crmmigrate.adapters.tryton.words import WordBook
from crmmigrate.model.operations import OUTCOME, Status

__all__ = ["Writer"]

_GONE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_OPS = {"op_id": pl.String}
NOTE = "ir.note"
_MOST = {"product.template": 50}
"""Most records in one call. Tryton asks for all codes of products of a call in one statement, which
SQLite refuses from about 100 on (`parser stack overflow`, answered with HTTP 503)."""
_UNIT = "Unit"
"""Unit of measure of a product that names none."""


class Writer:
    """Writes records of one model."""

    def __init__(
        self, client: Client, model: Model, keys: Keys, maker: RowMaker, words: WordBook
    ) -> None:
        self._client = client
        self._model = model
        self._keys = keys
        self._maker = maker
        self._words = words
        self._nest = Nest(client, model, words)
        self._stages = Stages(client, model)

    def create(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Create records; one that is there already succeeds and stays as it is."""
        ops = operations_of(operations)
        known = self._known([op.key for op in ops])
        leaders = {op.key: op for op in reversed(ops) if op.key not in known}
        first = [op for op in ops if leaders.get(op.key) is op]
        rows, why = self._maker.rows(first, create=True)
        rows, more = self._completed(rows)
        found = self._adopted(rows)
        loaded = self._create_rows([row for row in rows if row.op.op_id not in found])
        told = [refused(why | more), self._finished(loaded, rows)]
        told.append(succeeded(list(found), [str(number) for number in found.values()]))
        there = [op for op in ops if op.key in known]
        told.append(succeeded([op.op_id for op in there], [str(known[op.key]) for op in there]))
        whole = pl.concat(told)
        return in_order(operations, [whole, _followers(ops, leaders, whole)])

    def update(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Write the changed columns of records."""
        ops = operations_of(operations)
        alive = present(self._client, self._model.name, [op.target_id for op in ops])
        gone = refused({op.op_id: _GONE for op in ops if op.target_id not in alive})
        rows, why = self._maker.rows([o for o in ops if o.target_id in alive], create=False)
        if self._model.name == OPPORTUNITY:
            told = self._update_opportunities(rows)
        else:
            told = self._update_rows(rows)
        return in_order(operations, [gone, refused(why), told])

    def _known(self, keys: Sequence[str]) -> dict[str, int]:
        """Return key → id of records that are there."""
        named = self._keys.ids(self._model.name, keys)
        alive = present(self._client, self._model.name, list(named.values()))
        return {key: number for key, number in named.items() if number in alive}

    def _completed(self, rows: Sequence[Row]) -> tuple[list[Row], dict[str, Refusal]]:
        """Add what the model cannot do without; refuse what cannot be led to its state."""
        why: dict[str, Refusal] = {}
        company, name = self._client.company, self._model.name
        for row in rows:
            if name in {NOTE, "ir.attachment"} and not row.own.get("resource") and company:
                row.own["resource"] = f"{HOME},{company}"
            if name == "product.template" and not row.own.get("default_uom"):
                row.own["default_uom"] = self._words.id(Meant("product.uom", _UNIT))
            if name == EMPLOYEE and company:
                row.own.setdefault("company", company)
            if name == OPPORTUNITY:
                self._complete_opportunity(row)
                refusal = self._stages.refusal(row.own.get("state"), row.own)
                if refusal is not None:
                    why[row.op.op_id] = refusal
        return [row for row in rows if row.op.op_id not in why], why

    def _complete_opportunity(self, row: Row) -> None:
        if self._client.company:
            row.own.setdefault("company", self._client.company)
        employee = self._client.preferences.get("employee")
        if employee and not row.own.get("employee"):
            row.own["employee"] = employee

    def _adopted(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return op_id → remark that says the same of the same, is ours and bears no key.

        It was made by a call whose reply was lost before the key could be attached.
        """
        if self._model.name != NOTE or not rows:
            return {}
        domain = [
            [
                "resource",
                "in",
                list({row.own["resource"] for row in rows if "resource" in row.own}),
            ],
            ["create_uid", "=", self._client.entrance.user_id],
        ]
        there = self._client.call_for_company(
            NOTE, "search_read", domain, 0, None, None, ["resource", "message"], repeatable=True
        )
        marked = self._keys.keys(NOTE, [int(note["id"]) for note in there])
        free: dict[tuple[object, object], list[int]] = {}
        for note in there:
            if int(note["id"]) not in marked:
                free.setdefault((note["resource"], note["message"]), []).append(int(note["id"]))
        found: dict[str, int] = {}
        for row in rows:
            same = free.get((row.own.get("resource"), row.own.get("message")))
            if same:
                found[row.op.op_id] = same.pop()
        keys = {row.op.op_id: row.op.key for row in rows}
        self._keys.attach(NOTE, [(number, keys[name]) for name, number in found.items()])
        return found

    def _create_rows(self, rows: Sequence[Row]) -> pl.DataFrame:
        """Create records whose keys come with them."""
        by_op = {row.op.op_id: row for row in rows}

        def attempt(batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
            some = [by_op[name] for name in batch["op_id"]]
            names = [row.op.op_id for row in some]
            try:
                ids = self._create_batch(some)
            except UnknownOutcomeError as exc:
                return unknown(names, exc.message)
            except TrytonFault as fault:
                return WholeRefusal(explain(fault, self._blamed(some)))
            return succeeded(names, [str(number) for number in ids])

        return self._in_batches(list(by_op), attempt)

    def _in_batches(
        self, names: list[str], attempt: Callable[[pl.DataFrame], pl.DataFrame | WholeRefusal]
    ) -> pl.DataFrame:
        """Write operations in batches that the server can bear."""
        size = _MOST.get(self._model.name, len(names))
        told = [
            write_in_halves(pl.DataFrame({"op_id": some}, schema=_OPS), attempt)
            for some in pieces(names, max(size, 1))
        ]
        return pl.concat([OUTCOME.to_frame(), *told])

    def _create_batch(self, rows: Sequence[Row]) -> list[int]:
        values = [self._new_values(row) for row in rows]
        if self._model.name == EMPLOYEE:
            parties = self._parties_of(rows)
            values = [
                {**v, "party": parties[row.op.key]} for v, row in zip(values, rows, strict=True)
            ]
        made: list[int] = self._client.call_for_company(self._model.name, "create", values)
        if self._keys.is_beside(self._model.name):
            marks = zip(made, (row.op.key for row in rows), strict=True)
            self._keys.attach(self._model.name, marks)
        return made

    def _new_values(self, row: Row) -> dict[str, Any]:
        """Return the values of a new record; what is moved or locked comes later."""
        values = {k: v for k, v in row.own.items() if k not in {"active", "state"}}
        if self._model.name == PARTY:
            values = _plain(values) | self._party_values(row, {})
        if self._model.name == "product.template" and "categories" in values:
            values["categories"] = [["add", values["categories"]]]
        self._keys.stamp(self._model.name, row.op.key, values)
        return values

    def _party_values(self, row: Row, old: Old) -> dict[str, Any]:
        """Return the commands for the parts and categories of a party."""
        found: dict[str, Any] = {**self._nest.commands(row.parts, old)}
        wanted = (row.party if self._model.name == EMPLOYEE else row.own).get("categories")
        if wanted is not None or row.kind is not None:
            commands = self._nest.categories(wanted, row.kind, old)
            if commands:
                found["categories"] = commands
        return found

    def _parties_of(self, rows: Sequence[Row]) -> dict[str, int]:
        """Return key → party of employees; those that are not there are made."""
        known = self._keys.ids(PARTY, [row.op.key for row in rows])
        new = [row for row in rows if row.op.key not in known]
        values = []
        for row in new:
            nested = self._party_values(row, {})
            told = {
                k: v for k, v in row.party.items() if k not in {"active", "categories"}
            } | nested
            self._keys.stamp(PARTY, row.op.key, told)
            values.append(told)
        if values:
            made = self._client.call_for_company(PARTY, "create", values)
            known |= dict(zip((row.op.key for row in new), made, strict=True))
        return known

    def _finished(self, loaded: pl.DataFrame, rows: Sequence[Row]) -> pl.DataFrame:
        """Archive what is not active, and lead opportunities to their states."""
        good = loaded.filter(pl.col("status") == Status.SUCCEEDED.value)
        ids = {op: int(number) for op, number in good.select("op_id", "target_id").iter_rows()}
        made = [row for row in rows if row.op.op_id in ids]
        old = [ids[r.op.op_id] for r in made if r.own.get("active") is False]
        if old:
            self._client.call_for_company(self._model.name, "write", old, {"active": False})
        if self._model.name != OPPORTUNITY:
            return loaded
        moves = {
            row.op.op_id: (ids[row.op.op_id], str(row.own["state"]))
            for row in made
            if row.own.get("state") not in {None, "lead"}
        }
        told = self._stages.advance(moves)
        bad = told.filter(pl.col("status") == Status.REJECTED.value)["op_id"].to_list()
        half = [moves[name][0] for name in bad]
        if half:
            self._stages.cancel(half)
            self._client.call_for_company(OPPORTUNITY, "delete", half)
        return pl.concat([loaded.filter(~pl.col("op_id").is_in(told["op_id"].implode())), told])

    def _update_rows(self, rows: Sequence[Row]) -> pl.DataFrame:
        by_op = {row.op.op_id: row for row in rows}
        old = self._old(rows)

        def attempt(batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
            some = [by_op[name] for name in batch["op_id"]]
            names = [row.op.op_id for row in some]
            try:
                self._update_batch(some, old)
            except UnknownOutcomeError as exc:
                return unknown(names, exc.message)
            except TrytonFault as fault:
                return WholeRefusal(explain(fault, self._blamed(some)))
            return succeeded(names, [str(row.op.target_id) for row in some])

        return self._in_batches(list(by_op), attempt)

    def _update_batch(self, rows: Sequence[Row], old: Mapping[int, Old]) -> None:
        """Write several records in one call; archived ones are opened for it."""
        changes, parties = Changes(self._client, self._model.name), Changes(self._client, PARTY)
        for row in rows:
            number = row.op.target_id or 0
            now = old.get(number, {})
            values, party = self._changed_values(row, now)
            changes.add(number, values, now)
            if party:
                holder = now.get("party.") or {}
                parties.add(int(holder.get("id") or 0), party, holder)
        parties.write()
        changes.write()

    def _changed_values(self, row: Row, old: Old) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the values of a record, and those of its party where it is an employee."""
        if self._model.name == PARTY:
            return _plain(row.own) | self._party_values(row, old), {}
        if self._model.name == EMPLOYEE:
            nested = self._party_values(row, old.get("party.") or {})
            return dict(row.own), _plain(row.party) | nested
        values = dict(row.own)
        if self._model.name == "product.template" and "categories" in values:
            has, goal = set(old.get("categories") or ()), set(values.pop("categories"))
            commands = [["add", sorted(goal - has)], ["remove", sorted(has - goal)]]
            values["categories"] = [c for c in commands if c[1]]
        return values, {}

    def _old(self, rows: Sequence[Row]) -> dict[int, Old]:
        """Return what belongs to the records now, as far as it is to be changed."""
        if self._model.name not in {PARTY, EMPLOYEE, "product.template"} or not rows:
            return {}
        before = "party." if self._model.name == EMPLOYEE else ""
        parts = dict.fromkeys(part for row in rows for part in row.parts)
        told = [f for part in parts for f in self._nest.fields(part)]
        told += [
            f"{p.field}.{s.field}" for s in self._model.slots.values() if (p := s.part) in parts
        ]
        names = dict.fromkeys([*told, "categories", "active"])
        ids = [row.op.target_id for row in rows if row.op.target_id]
        read = self._client.call_for_company(
            self._model.name, "read", ids, [before + n for n in names], repeatable=True
        )
        return {int(row["id"]): row for row in read}

    def _update_opportunities(self, rows: Sequence[Row]) -> pl.DataFrame:
        """Lead opportunities back to where they can be changed, change them, lead them on."""
        now = self._stages.states([r.op.target_id for r in rows if r.op.target_id])
        told: list[pl.DataFrame] = [succeeded([], [])]
        told += [self._update_opportunity(r, now.get(r.op.target_id or 0, "lead")) for r in rows]
        return pl.concat(told)

    def _update_opportunity(self, row: Row, state: str) -> pl.DataFrame:
        op, number = row.op, row.op.target_id or 0
        goal = str(row.own.pop("state", None) or state)
        try:
            refusal = self._stages.refusal(
                goal if goal != state else None, {"party": 1, "employee": 1}
            )
            if refusal is not None:
                return refused({op.op_id: refusal})
            self._stages.take_back({number: state})
            if row.own:
                self._client.call_for_company(OPPORTUNITY, "write", [number], row.own)
        except UnknownOutcomeError as exc:
            return unknown([op.op_id], exc.message)
        except TrytonFault as fault:
            why = explain(fault, self._blamed([row]))
            self._stages.advance({op.op_id: (number, state)})
            return refused({op.op_id: why})
        if state in {"converted", "won"}:
            return succeeded([op.op_id], [str(number)])
        moved = self._stages.advance({op.op_id: (number, goal)})
        if moved["status"][0] == Status.REJECTED.value:
            self._stages.advance({op.op_id: (number, state)})
        return moved

    def _blamed(self, rows: Sequence[Row]) -> Mapping[tuple[str, str], str]:
        return self._maker.blamed(rows[0].op) if len(rows) == 1 else self._model.blamed


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without categories, which are written by commands."""
    return {name: value for name, value in values.items() if name != "categories"}


def _followers(ops: Iterable[Op], leaders: Mapping[str, Op], told: pl.DataFrame) -> pl.DataFrame:
    """Give operations of the same key as an earlier one its fate."""
    pairs = [
        (leaders[op.key].op_id, op.op_id)
        for op in ops
        if op.key in leaders and leaders[op.key] is not op
    ]
    if not pairs:
        return OUTCOME.to_frame()
    schema = {"op_id": pl.String, "own": pl.String}
    follow = pl.DataFrame(pairs, schema=schema, orient="row")
    named = follow.join(told, on="op_id").drop("op_id").rename({"own": "op_id"})
    return named.select(OUTCOME.names())
