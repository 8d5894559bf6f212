"""The native Tryton adapter with short words, and a list of what to remove."""

from pathlib import Path
from uuid import uuid4

import polars as pl

from crmmigrate.adapters.tryton import open_native
from crmmigrate.testing.contract import operations_frame

TABLES = (
    "country.country",
    "country.subdivision",
    "party.category",
    "party.relation.type",
    "product.category",
)


class Crm:
    """The native adapter, with short words, and a list of what to remove."""

    def __init__(self, server, **options):
        self.target = open_native(server.options(**options), Path())
        self.client = self.target._client
        self.mark = uuid4().hex[:8]
        self.made = []

    def key(self, name):
        return f"{self.mark}:{name}"

    def write(self, model, action, *rows, **types):
        named = [{**row, "external_id": self.key(row["external_id"])} for row in rows]
        told = self.target.write(model, action, operations_frame(named, **types))
        if action == "create":
            for row, outcome in zip(named, told.rows(named=True), strict=True):
                if outcome["status"] == "succeeded":
                    self.made.append((model, row["external_id"], outcome["target_id"]))
        return told

    def create(self, model, *rows, **types):
        told = self.write(model, "create", *rows, **types)
        bad = told.filter(pl.col("status") != "succeeded")
        assert bad.is_empty(), bad.select("error_code", "error_field", "message").rows()
        return told["target_id"].to_list()

    def fetch(self, model, *names, fields=None):
        keys = pl.Series([self.key(name) for name in names], dtype=pl.String)
        batches = self.target.fetch(model, keys, "external_id", fields)
        frames = [pl.DataFrame(pl.from_arrow(b)) for b in batches]
        rows = pl.concat(frames).rows(named=True) if frames else []
        return {row["_external_id"].removeprefix(f"{self.mark}:"): row for row in rows}

    def counts(self):
        """Return model → number of records."""
        return {d.name: d.rows for d in self.target.describe().datasets}

    def tables(self):
        """Return how many records code tables and what holds our keys have."""
        names = (*TABLES, "party.address", "party.contact_mechanism", "party.identifier")
        names = (*names, "party.relation.all", "product.product", "sale.sale")
        found = {n: self.client.call_for_company(n, "search_count", []) for n in names}
        return found | {"all attachments": self.client.call("ir.attachment", "search_count", [])}

    def clear(self):
        for model, key, number in reversed(list(dict.fromkeys(self.made))):
            rows = operations_frame([{"external_id": key, "target_id": number}])
            self.target.write(model, "purge", rows)
