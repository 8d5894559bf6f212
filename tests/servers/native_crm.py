"""The native Odoo adapter with short words, and a list of what to remove."""

from pathlib import Path
from uuid import uuid4

import polars as pl

from crmmigrate.adapters.odoo import open_native
from crmmigrate.testing.contract import operations_frame


class Crm:
    """The native adapter, with short words, and a list of what to remove."""

    def __init__(self, server, **options):
        self.target = open_native(server.options(**options), Path())
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
        return {d.name: d.rows for d in self.target.describe().datasets}

    def words(self):
        arguments = {"domain": [["module", "=", "__crmmigrate__"]], "fields": ["name"]}
        rows = self.target._client.call("ir.model.data", "search_read", arguments)
        return {row["name"] for row in rows}

    def clear(self):
        for model, key, number in reversed(list(dict.fromkeys(self.made))):
            rows = operations_frame([{"external_id": key, "target_id": number}])
            self.target.write(model, "purge", rows)
