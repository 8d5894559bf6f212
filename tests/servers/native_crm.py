"""A native adapter with short words, and a list of what to remove."""

from pathlib import Path
from uuid import uuid4

import polars as pl

from crmmigrate.adapters import odoo, tryton
from crmmigrate.testing.contract import operations_frame

__all__ = ["Crm", "lent"]

_OPEN = {"odoo": odoo.open_native, "tryton": tryton.open_native}
_TABLES = (
    "country.country",
    "country.subdivision",
    "party.address",
    "party.category",
    "party.contact_mechanism",
    "party.identifier",
    "party.relation.all",
    "party.relation.type",
    "product.category",
    "product.product",
    "sale.sale",
)
"""Code tables of Tryton, and what holds our keys."""


class Crm:
    """The native adapter, with short words, and a list of what to remove."""

    def __init__(self, server, **options):
        given = server.options(**options)
        self.system = given["adapter"]
        self.target = _OPEN[self.system](given, Path())
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

    def words(self):
        """Return what else we may have left: external ids of Odoo, words of Tryton's code tables."""
        if self.system == "odoo":
            arguments = {"domain": [["module", "=", "__crmmigrate__"]], "fields": ["name"]}
            return {r["name"] for r in self.client.call("ir.model.data", "search_read", arguments)}
        found = {n: self.client.call_for_company(n, "search_count", []) for n in _TABLES}
        return found | {"all attachments": self.client.call("ir.attachment", "search_count", [])}

    def state(self):
        """Return all that can be seen of what we may have written."""
        return self.counts(), self.words()

    def clear(self):
        for model, key, number in reversed(list(dict.fromkeys(self.made))):
            rows = operations_frame([{"external_id": key, "target_id": number}])
            self.target.write(model, "purge", rows)


def lent(server, **options):
    """Yield the native adapter; at the end the server must be as it was."""
    crm = Crm(server, time_zone="Europe/Bucharest", **options)
    before = crm.state()
    yield crm
    crm.clear()
    assert crm.state() == before, "the server is as it was, and nothing of ours is left"
