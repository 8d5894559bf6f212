"""Give records that somebody else has made our key: a name in `ir.model.data`, nothing else."""

from dataclasses import dataclass

import polars as pl

from crmmigrate.adapters.bisecting import WholeRefusal, write_in_halves
from crmmigrate.adapters.odoo.client import Client
from crmmigrate.adapters.odoo.external_ids import MODULE, ExternalIds, name_of
from crmmigrate.adapters.odoo.faults import OdooFault, explain
from crmmigrate.adapters.odoo.fields import Model
from crmmigrate.adapters.odoo.writing import present
from crmmigrate.adapters.outcome_frames import Refusal, in_order, refused, succeeded, unknown
from crmmigrate.adapters.transport import UnknownOutcomeError

__all__ = ["Claims"]

_GONE = Refusal("RECORD_MISSING", None, "the record is no longer in the CRM")
_AT_ONCE = 500
"""Names in one call."""


@dataclass(frozen=True)
class Claims:
    """Names records of one model."""

    client: Client
    model: Model

    def write(self, claims: pl.DataFrame) -> pl.DataFrame:
        """Name records, or take our names away; return OUTCOME rows in the same order."""
        numbers = claims.with_columns(number=pl.col("target_id").cast(pl.Int64, strict=False))
        alive = present(self.client, self.model.name, numbers["number"].to_list())
        there = pl.col("number").is_in(list(alive)).fill_null(value=False)
        lost = refused(dict.fromkeys(numbers.filter(~there)["op_id"].to_list(), _GONE))
        free = pl.col("external_id").is_null()
        unnamed = numbers.filter(there & free).iter_slices(_AT_ONCE)
        told = [lost, *(self._free(rows) for rows in unnamed)]
        for rows in numbers.filter(there & ~free).iter_slices(_AT_ONCE):
            told += self._name(rows)
        return in_order(claims, told)

    def _free(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Forget our names of records."""
        domain = [
            ["module", "=", MODULE],
            ["model", "=", self.model.name],
            ["res_id", "in", rows["number"].to_list()],
        ]
        found = self.client.call(
            "ir.model.data",
            "search",
            {"domain": domain, "offset": 0, "limit": None},
            repeatable=True,
        )
        if found:
            self.client.call("ir.model.data", "unlink", {}, ids=list(found), repeatable=True)
        return succeeded(rows["op_id"].to_list(), rows["target_id"].to_list())

    def _name(self, rows: pl.DataFrame) -> list[pl.DataFrame]:
        """Name records that have not got the name yet; a key that another has is refused."""
        names = ExternalIds(self.client).ids(self.model.name, rows["external_id"].to_list())
        taken = pl.col("external_id").replace_strict(names, default=None, return_dtype=pl.Int64)
        known = rows.with_columns(bearer=taken)
        done = known.filter(pl.col("bearer") == pl.col("number"))
        other = known.filter(pl.col("bearer") != pl.col("number"))
        clash = {
            op_id: Refusal("DUPLICATE_VALUE", None, f"record {bearer} has this key already")
            for op_id, bearer in other.select("op_id", "bearer").iter_rows()
        }
        new = known.filter(pl.col("bearer").is_null())
        return [
            succeeded(done["op_id"].to_list(), done["target_id"].to_list()),
            refused(clash),
            write_in_halves(new, self._load) if new.height else refused({}),
        ]

    def _load(self, batch: pl.DataFrame) -> pl.DataFrame | WholeRefusal:
        ids = batch["op_id"].to_list()
        data = [
            [MODULE, name_of(key), self.model.name, str(number)]
            for key, number in batch.select("external_id", "number").iter_rows()
        ]
        fields = ["module", "name", "model", "res_id"]
        try:
            answer = self.client.call("ir.model.data", "load", {"fields": fields, "data": data})
        except UnknownOutcomeError as exc:
            return unknown(ids, exc.message)
        except OdooFault as fault:
            return WholeRefusal(explain(fault.name, fault.said, self.model.labels))
        if isinstance(answer, dict) and answer.get("ids"):
            return succeeded(ids, batch["target_id"].to_list())
        said = answer.get("messages") if isinstance(answer, dict) else None
        return WholeRefusal(Refusal("REFUSED", None, f"the name was not kept: {said}"))
