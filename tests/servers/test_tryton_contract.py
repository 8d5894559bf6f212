"""The contract of targets, kept by a real Tryton through a mapping.

Tryton has no fields of one's own without a module on the server, so what the contract needs and
Tryton lacks is kept in texts of addresses; dates and flags have tests of their own.
"""

from pathlib import Path

import polars as pl
import pytest
from servers.fence import Fenced

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.tryton import open_native
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.testing.contract import TargetContract, operations_frame
from crmmigrate.testing.worlds import small_model

MAPPING = """\
adapter: tryton
objects:
  user: {name: company.employee, fields: {name: name, manager: supervisor}}
  account:
    name: party.party
    constants: {kind: company}
    fields:
      name: name
      kind: {to: lang.code, values: {customer: en, supplier: fr}}
      revenue: address.attn
      revenue_amount: address.city
      phone: phone
      phone_valid: address.postal_code
      parent: relation.parent
      owner: relation.superior
      main_contact: relation.employer
  contact:
    name: party.party
    constants: {kind: person, name: Contact}
    fields:
      name: address.street_unstructured
      email: email
      born: address.attn
      active: active
      seen: address.city
      account: relation.employer
  invoice: {name: sale.opportunity, fields: {number: description, account: party}}
  note: {name: ir.note, fields: {body: message, about: resource}}
  attachment: {name: ir.attachment, constants: {name: file}, fields: {content: data, parent: resource}}
"""
MODELS = ("ir.attachment", "ir.note", "sale.opportunity", "party.party", "company.employee")


def clear(native):
    """Remove what an earlier test has made: children first."""
    for model in MODELS:
        for _ in range(3):
            frames = [pl.DataFrame(pl.from_arrow(b)) for b in native.fetch(model, None, "id", [])]
            mine = pl.concat(frames).drop_nulls("_external_id") if frames else pl.DataFrame()
            if model == "party.party" and mine.height:
                kinds = native.fetch(model, mine["_id"], "id", ["kind"])
                mine = pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in kinds])
                mine = mine.filter(pl.col("kind") != "employee")
            if mine.is_empty():
                break
            rows = [
                {"external_id": k, "target_id": i}
                for i, k in mine.select("_id", "_external_id").iter_rows()
            ]
            native.write(model, "purge", operations_frame(rows))


class TestTryton(TargetContract):
    @pytest.fixture(autouse=True)
    def _served(self, tryton):
        self.native = open_native(tryton.options(), Path())
        yield
        clear(self.native)

    def open(self, folder) -> Target:
        place = folder / "mappings" / "tryton"
        place.mkdir(parents=True, exist_ok=True)
        (place / "from_canonical.yaml").write_text(MAPPING, encoding="utf-8")
        model = small_model()
        return Fenced(
            MappedTarget(self.native, load_target_mapping("tryton", model, folder), model)
        )
