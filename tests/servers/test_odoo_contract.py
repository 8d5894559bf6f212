"""The contract of targets, kept by a real Odoo through a mapping; some fields are made for it."""

import polars as pl
import pytest
from servers.fence import Fenced

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.adapters.odoo import open_native
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.testing.contract import TargetContract, operations_frame
from crmmigrate.testing.worlds import small_model

MAPPING = """\
adapter: odoo
objects:
  user: {name: res.users, fields: {name: name, manager: x_manager}}
  account:
    name: res.partner
    constants: {is_company: "true"}
    fields:
      name: name
      kind: x_kind
      revenue: x_revenue
      revenue_amount: ref
      phone: phone
      phone_valid: vat
      parent: parent_id
      owner: user_id
  contact:
    name: res.partner
    constants: {is_company: "false"}
    fields: {name: name, email: email, born: x_born, active: active, seen: x_seen, account: parent_id}
  invoice: {name: crm.lead, constants: {name: bill}, fields: {number: referred, account: partner_id}}
  note: {name: mail.message, constants: {message_type: comment}, fields: {body: body, about: res_id}}
  attachment: {name: ir.attachment, constants: {name: file}, fields: {content: datas, parent: res_id}}
"""
FIELDS = {
    ("res.partner", "x_kind"): {
        "ttype": "selection",
        "selection": "[('customer','Customer'),('supplier','Supplier')]",
    },
    ("res.partner", "x_revenue"): {"ttype": "char"},
    ("res.partner", "x_born"): {"ttype": "date"},
    ("res.partner", "x_seen"): {"ttype": "datetime"},
    ("res.users", "x_manager"): {"ttype": "many2one", "relation": "res.users"},
}
MODELS = ("ir.attachment", "mail.message", "crm.lead", "res.partner", "res.users")


@pytest.fixture(scope="module")
def fields(odoo, request):
    """Make the fields that the contract needs and Odoo has not; remove them at the end."""
    client = open_native(odoo.options(), request.config.rootpath)._client
    made = []
    for (model, name), facts in FIELDS.items():
        found = client.call("ir.model", "search", {"domain": [["model", "=", model]]})
        vals = {"model_id": found[0], "name": name, "field_description": name, "state": "manual"}
        whole = {**vals, **facts}
        given = [whole] if client.version.creates_batches else whole
        told = client.call("ir.model.fields", "create", {"vals": given})
        made += told if isinstance(told, list) else [told]
    yield
    client.call("ir.model.fields", "unlink", {}, ids=made)


def clear(native):
    """Remove what an earlier test has made: children first."""
    for model in MODELS:
        for _ in range(3):
            frames = [pl.DataFrame(pl.from_arrow(b)) for b in native.fetch(model, None, "id", [])]
            mine = pl.concat(frames).drop_nulls("_external_id") if frames else pl.DataFrame()
            if mine.is_empty():
                break
            rows = [
                {"external_id": k, "target_id": i}
                for i, k in mine.select("_id", "_external_id").iter_rows()
            ]
            native.write(model, "purge", operations_frame(rows))


class TestOdoo(TargetContract):
    @pytest.fixture(autouse=True)
    def _served(self, odoo, fields):
        self.odoo = odoo
        yield
        clear(open_native(odoo.options(), None))

    def open(self, folder) -> Target:
        place = folder / "mappings" / "odoo"
        place.mkdir(parents=True, exist_ok=True)
        (place / "from_canonical.yaml").write_text(MAPPING, encoding="utf-8")
        model = small_model()
        native = open_native(self.odoo.options(), folder)
        return Fenced(MappedTarget(native, load_target_mapping("odoo", model, folder), model))
