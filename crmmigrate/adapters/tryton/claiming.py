"""Give records that somebody else has made our key, where records of ours have it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError
from crmmigrate.adapters.tryton.client import Client
from crmmigrate.adapters.tryton.faults import TrytonFault, explain
from crmmigrate.adapters.tryton.fields import Model
from crmmigrate.adapters.tryton.keys import Keys
from crmmigrate.adapters.tryton.rows import present

__all__ = ["Claims"]

_GONE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")


@dataclass(frozen=True)
class Claims:
    """Gives keys to records of one model, or takes them away."""

    client: Client
    model: Model
    keys: Keys

    def write(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Give records their keys; return OUTCOME rows in the same order."""
        wanted = claims.with_columns(number=pl.col("target_id").cast(pl.Int64, strict=False))
        alive = present(self.client, self.model.name, wanted["number"].to_list())
        there = pl.col("number").is_in(list(alive)).fill_null(value=False)
        told = [refused(dict.fromkeys(wanted.filter(~there)["op_id"].to_list(), _GONE))]
        rows = wanted.filter(there)
        numbers = rows["number"].to_list()
        owners = self.keys.ids(self.model.name, rows["external_id"].drop_nulls().to_list())
        names = self.keys.keys(self.model.name, numbers)
        for op_id, target, key, number in rows.select(
            "op_id", "target_id", "external_id", "number"
        ).iter_rows():
            refusal = None if key is None else _clash(key, number, owners, names)
            told.append(
                refused({op_id: refusal})
                if refusal is not None
                else self._settle(op_id, target, number, key, names.get(number))
            )
        return in_order(claims, told)

    def _settle(
        self, op_id: str, target: str, number: int, key: str | None, has: str | None
    ) -> pl.DataFrame:
        """Give a record a key or take it away, unless it is so already."""
        try:
            if key is None and has is not None:
                self.keys.take(self.model.name, number)
            if key is not None and has is None:
                self.keys.give(self.model.name, number, key)
        except UnknownOutcomeError as exc:
            return unknown([op_id], exc.message)
        except TrytonFault as fault:
            return refused({op_id: explain(fault, self.model.blamed)})
        return succeeded([op_id], [target])


def _clash(
    key: str, number: int, owners: Mapping[str, int], names: Mapping[int, str]
) -> Refusal | None:
    """Return why a record cannot have a key: another has it, or it has another."""
    owner = owners.get(key, number)
    if owner != number:
        return Refusal("DUPLICATE_VALUE", None, f"record {owner} has this key already")
    if names.get(number, key) != key:
        return Refusal("DUPLICATE_VALUE", None, "the record has another key already")
    return None
