"""Creates and updates of one model: rows through `load`, one outcome for each operation."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from crmmigrate.adapters.numbered.operations import Op, operations_of, pieces
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.external_ids import MODULE, ExternalIds, name_of
from crmmigrate.adapters.odoo.fields import Form, Model
from crmmigrate.adapters.odoo.habits import Habits
from crmmigrate.adapters.odoo.loading import load_rows
from crmmigrate.adapters.odoo.rows import Row, RowMaker
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded
from crmmigrate.model.operations import OUTCOME, Status

__all__ = ["Writer", "present"]

_GONE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_SEARCHED = 1000
"""Ids in one search."""


class Writer:
    """Writes records of one model."""

    def __init__(
        self, client: Client, model: Model, external_ids: ExternalIds, rows: RowMaker
    ) -> None:
        self._client = client
        self._model = model
        self._external_ids = external_ids
        self._rows = rows
        self._habits = Habits(client, model)

    def create(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Create records; one that is there already succeeds and stays as it is."""
        ops = operations_of(operations)
        known = self._known([op.key for op in ops])
        leaders = {op.key: op for op in reversed(ops) if op.key not in known}
        first = [self._habits.completed(op) for op in ops if leaders.get(op.key) is op]
        made, why = self._rows.rows(first, create=True)
        for row in made:
            row.cells["id"] = f"{MODULE}.{name_of(row.op.key)}"
            self._habits.complete_cells(row.cells, create=True)
        later = {row.op.op_id: self._habits.postponed(row.cells) for row in made}
        spared = self._habits.parents_to_spare(made)
        loaded = load_rows(self._client, self._model, made)
        self._habits.spare(spared)
        loaded = self._finished(loaded, [r for r in made if later[r.op.op_id]], later)
        there = [op for op in ops if op.key in known]
        old = succeeded([op.op_id for op in there], [str(known[op.key]) for op in there])
        told = pl.concat([old, refused(why), loaded])
        return in_order(operations, [told, _followers(ops, leaders, told)])

    def update(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Write the changed columns of records."""
        ops = operations_of(operations)
        alive = present(self._client, self._model.name, [op.target_id for op in ops])
        told = [refused({op.op_id: _GONE for op in ops if op.target_id not in alive})]
        for group in _by_changed(op for op in ops if op.target_id in alive):
            made, why = self._rows.rows(group, create=False)
            for row in made:
                row.cells[".id"] = str(row.op.target_id)
                self._habits.complete_cells(row.cells, create=False)
            loaded = load_rows(self._client, self._model, made)
            self._clear_lists(group, loaded)
            told += [refused(why), loaded]
        return in_order(operations, told)

    def _finished(
        self, loaded: pl.DataFrame, rows: Sequence[Row], later: Mapping[str, Mapping[str, str]]
    ) -> pl.DataFrame:
        """Write the cells that were put off; a record that does not take them is removed again."""
        good = loaded.filter(pl.col("status") == Status.SUCCEEDED.value)
        ids = dict(good.select("op_id", "target_id").iter_rows())
        more = [
            Row(row.op, {".id": ids[row.op.op_id], **later[row.op.op_id]})
            for row in rows
            if row.op.op_id in ids
        ]
        told = load_rows(self._client, self._model, more)
        bad = told.filter(pl.col("status") == Status.REJECTED.value)
        if bad.height:
            half = [int(ids[name]) for name in bad["op_id"]]
            self._client.call(self._model.name, "unlink", {}, ids=half)
        return pl.concat([loaded.filter(~pl.col("op_id").is_in(told["op_id"].implode())), told])

    def _clear_lists(self, group: Sequence[Op], loaded: pl.DataFrame) -> None:
        """Empty many-to-many fields: to `load` an empty cell means to leave them."""
        done = set(loaded.filter(pl.col("status") == Status.SUCCEEDED.value)["op_id"])
        for name in group[0].changed:
            slot = self._model.slots.get(name)
            if slot is None or slot.form not in {Form.LINKS, Form.WORDS}:
                continue
            blank = [o.target_id for o in group if not o.values.get(name) and o.op_id in done]
            for some in pieces([i for i in blank if i is not None], _SEARCHED):
                vals = {slot.field: [[6, 0, []]]}
                self._client.call(
                    self._model.name, "write", {"vals": vals}, ids=some, repeatable=True
                )

    def _known(self, keys: Sequence[str]) -> dict[str, int]:
        """Return key → id of records that are there."""
        named = self._external_ids.ids(self._model.name, keys)
        alive = present(self._client, self._model.name, list(named.values()))
        return {key: number for key, number in named.items() if number in alive}


def present(client: Client, model: str, ids: Sequence[int | None]) -> set[int]:
    """Return which ids are those of records, archived ones too."""
    found: set[int] = set()
    wanted = list(dict.fromkeys(i for i in ids if i is not None))
    for some in pieces(wanted, _SEARCHED):
        domain = {"domain": [["id", "in", some]], "offset": 0, "limit": None}
        found |= set(client.call(model, "search", domain, repeatable=True))
    return found


def _followers(ops: Sequence[Op], leaders: Mapping[str, Op], told: pl.DataFrame) -> pl.DataFrame:
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


def _by_changed(ops: Iterable[Op]) -> list[list[Op]]:
    groups: dict[tuple[str, ...], list[Op]] = {}
    for op in ops:
        groups.setdefault(tuple(sorted(op.changed)), []).append(op)
    return list(groups.values())
