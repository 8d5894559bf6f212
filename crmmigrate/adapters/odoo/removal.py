"""Deleting records, unless others need them; what came with them goes, too."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.numbered.operations import Op, operations_of, pieces
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.external_ids import MODULE, name_of
from crmmigrate.adapters.odoo.faults import OdooFault, explain
from crmmigrate.adapters.odoo.fields import Form, Model, Slot
from crmmigrate.adapters.odoo.writing import present
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError

__all__ = ["Remover"]

_SEARCHED = 1000
_NO_NEED = frozenset({"commercial_partner_id", "author_id"})
"""References that Odoo keeps by itself: the root of a family of partners, the author of a message."""


class Remover:
    """Deletes records of one model.

    Args:
        client: The database.
        model: Whose records.
        models: All models whose records may need them.
    """

    def __init__(self, client: Client, model: Model, models: Iterable[Model]) -> None:
        self._client = client
        self._model = model
        self._models = tuple(models)

    def remove(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Delete records; one that is gone already succeeds, one that others need is refused.

        Odoo would empty the references of the others without a word.
        """
        ops = operations_of(operations)
        alive = present(self._client, self._model.name, [op.target_id for op in ops])
        there = [op for op in ops if op.target_id in alive]
        needed = self._needed({op.target_id for op in there if op.target_id})
        kept = {o.op_id: _refusal(needed[o.target_id]) for o in there if o.target_id in needed}
        going = {o.op_id: o for o in there if o.op_id not in kept}
        gone = [op for op in ops if op.target_id not in alive]
        told = [succeeded([o.op_id for o in gone], [_shown(o) for o in gone]), refused(kept)]

        def attempt(batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
            return self._unlink([going[name] for name in batch["op_id"]])

        names = pl.DataFrame({"op_id": list(going)}, schema={"op_id": pl.String})
        return in_order(operations, [*told, write_in_halves(names, attempt)])

    def _unlink(self, ops: Sequence[Op]) -> pl.DataFrame | WholeRefusal:
        ids = [op.target_id for op in ops if op.target_id]
        op_ids = [op.op_id for op in ops]
        shadows = self._shadows(ops)
        try:
            self._client.call(self._model.name, "unlink", {}, ids=ids)
            if shadows:
                self._client.call("res.partner", "unlink", {}, ids=shadows)
        except UnknownOutcomeError as exc:
            return unknown(op_ids, exc.message)
        except OdooFault as fault:
            return WholeRefusal(explain(fault.name, fault.said, self._model.labels))
        return succeeded(op_ids, [_shown(op) for op in ops])

    def _shadows(self, ops: Sequence[Op]) -> list[int]:
        """Return the partners that Odoo has made for users we have created."""
        if self._model.name != "res.users":
            return []
        names = [f"{name_of(op.key)}_res_partner" for op in ops]
        domain = [["module", "=", MODULE], ["model", "=", "res.partner"], ["name", "in", names]]
        rows = self._client.call(
            "ir.model.data",
            "search_read",
            {"domain": domain, "fields": ["res_id"], "offset": 0, "limit": None},
            repeatable=True,
        )
        return [int(row["res_id"]) for row in rows]

    def _needed(self, ids: set[int]) -> dict[int, str]:
        """Return id → who needs it, of records that others outside the batch point to."""
        found: dict[int, str] = {}
        for model in self._models:
            for slot in model.slots.values():
                if self._points_here(slot, model):
                    for some in pieces(sorted(ids), _SEARCHED):
                        found |= self._pointed_to(model, slot, some, ids, found)
        return found

    def _points_here(self, slot: Slot, model: Model) -> bool:
        if not slot.stored or slot.name != slot.field or slot.field in _NO_NEED:
            return False
        if slot.form is Form.ANY_LINK:
            return True
        own = self._model.name == "res.partner" and model.name == "res.users"
        return (
            slot.form is Form.LINK
            and slot.relation == self._model.name
            and slot.field not in {"create_uid", "write_uid"}
            and (not slot.read_only or own)
        )

    def _pointed_to(
        self, model: Model, slot: Slot, some: list[int], ids: set[int], found: Mapping[int, str]
    ) -> dict[int, str]:
        domain: list[object] = [[slot.field, "in", some]]
        pair = model.any_link
        if slot.form is Form.ANY_LINK and pair:
            domain.append([pair[0], "=", self._model.name])
        if model.name == "mail.message":
            domain.append(["message_type", "!=", "notification"])
        arguments = {"domain": domain, "fields": [slot.field], "offset": 0, "limit": None}
        pointed: dict[int, str] = {}
        for row in self._client.call(model.name, "search_read", arguments, repeatable=True):
            value = row[slot.field]
            number = int(value[0] if isinstance(value, list) else value)
            itself = model.name == self._model.name and int(row["id"]) in ids
            if not itself and number not in found:
                pointed.setdefault(number, f"{model.name} {row['id']} ({slot.field})")
        return pointed


def _refusal(by: str) -> Refusal:
    return Refusal("STILL_REFERENCED", None, f"{by} needs it")


def _shown(op: Op) -> str | None:
    return str(op.target_id) if op.target_id else None
