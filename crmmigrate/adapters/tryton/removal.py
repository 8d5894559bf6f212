"""Deleting records, unless others need them; what came with them goes, too."""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.numbered.operations import Op, operations_of, pieces
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.adapters.tryton.fields import EMPLOYEE, PARTY, Form, Model, Slot
from crmmigrate.adapters.tryton.keys import NO_SIDECARS
from crmmigrate.adapters.tryton.opportunities import OPPORTUNITY, Stages
from crmmigrate.adapters.tryton.parts import OWN, ROLES
from crmmigrate.adapters.tryton.rows import present
from crmmigrate.adapters.tryton.words import WordBook

__all__ = ["Remover"]

_SEARCHED = 500


class Remover:
    """Deletes records of one model.

    Args:
        client: The database.
        model: Whose records.
        models: All models whose records may need them.
        words: Code tables.
    """

    def __init__(
        self, client: Client, model: Model, models: Iterable[Model], words: WordBook
    ) -> None:
        self._client = client
        self._model = model
        self._models = tuple(models)
        self._words = words

    def remove(self, operations: pl.DataFrame) -> pl.DataFrame:
        """Delete records; one that is gone already succeeds, one that others need is refused.

        Tryton would delete remarks and files with the record, and relations, without a word.
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
            return self._delete([going[name] for name in batch["op_id"]])

        names = pl.DataFrame({"op_id": list(going)}, schema={"op_id": pl.String})
        return in_order(operations, [*told, write_in_halves(names, attempt)])

    def _delete(self, ops: Sequence[Op]) -> pl.DataFrame | WholeRefusal:
        ids = list(dict.fromkeys(op.target_id for op in ops if op.target_id))
        op_ids = [op.op_id for op in ops]
        try:
            if self._model.name == OPPORTUNITY:
                Stages(self._client, self._model).cancel(ids)
            parties = self._parties(ids)
            self._client.call_for_company(self._model.name, "delete", ids)
            if parties:
                self._client.call_for_company(PARTY, "delete", parties)
        except UnknownOutcomeError as exc:
            return unknown(op_ids, exc.message)
        except TrytonFault as fault:
            return WholeRefusal(explain(fault, self._model.blamed))
        return succeeded(op_ids, [_shown(op) for op in ops])

    def _parties(self, ids: Sequence[int]) -> list[int]:
        """Return the parties that we have made for employees."""
        if self._model.name != EMPLOYEE:
            return []
        rows = self._client.call_for_company(
            EMPLOYEE, "read", list(ids), ["party", "party.identifiers.code"], repeatable=True
        )
        return [
            int(row["party"])
            for row in rows
            if any(
                str(i["code"]).startswith("crmmigrate:")
                for i in (row.get("party.") or {}).get("identifiers.") or ()
            )
        ]

    def _needed(self, ids: set[int]) -> dict[int, str]:
        """Return id → who needs it, of records that others outside the batch point to."""
        found: dict[int, str] = {}
        for model in self._models:
            for slot in model.slots.values():
                if self._points_here(slot):
                    for some in pieces(sorted(ids), _SEARCHED):
                        found |= self._pointed_to(model, slot, some, ids)
        if self._model.name == PARTY and self._model.has("relations"):
            for some in pieces(sorted(ids), _SEARCHED):
                found |= self._related(some, ids)
        return found

    def _points_here(self, slot: Slot) -> bool:
        if slot.part is not OWN or slot.name != slot.field or slot.of_party or slot.read_only:
            return False
        return slot.form is Form.ANY_LINK or (
            slot.form is Form.LINK and slot.relation == self._model.name
        )

    def _pointed_to(
        self, model: Model, slot: Slot, some: list[int], ids: set[int]
    ) -> dict[int, str]:
        wanted: list[object] = list(some)
        domain: list[object] = [NO_SIDECARS] if model.name == "ir.attachment" else []
        if slot.form is Form.ANY_LINK:
            wanted = [f"{self._model.name},{number}" for number in some]
        rows = self._rows(model.name, [[slot.field, "in", wanted], *domain], [slot.field])
        pointed: dict[int, str] = {}
        for row in rows:
            number = int(str(row[slot.field]).rpartition(",")[2])
            if model.name != self._model.name or int(row["id"]) not in ids:
                pointed.setdefault(number, f"{model.name} {row['id']} ({slot.field})")
        return pointed

    def _related(self, some: list[int], ids: set[int]) -> dict[int, str]:
        """Return party → who is related to it, of relations that begin with another party."""
        types = [number for role in ROLES if (number := self._words.relation_type(role))]
        domain: list[object] = [["to", "in", some], ["type", "in", types]]
        rows = self._rows("party.relation.all", domain, ["from_", "to"])
        return {
            int(row["to"]): f"{PARTY} {row['from_']} (relation)"
            for row in rows
            if int(row["from_"]) not in ids
        }

    def _rows(self, model: str, domain: list[object], fields: list[str]) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._client.call_for_company(
            model, "search_read", domain, 0, None, None, fields, repeatable=True
        )
        return rows


def _refusal(by: str) -> Refusal:
    return Refusal("STILL_REFERENCED", None, f"{by} needs it")


def _shown(op: Op) -> str | None:
    return str(op.target_id) if op.target_id else None
