"""Whole projects into a real Odoo by the command line, and out again."""

import os
from typing import ClassVar

import pytest
from servers.crm_projects import CrmProjects

AT_NIGHT = os.environ.get("CRMMIGRATE_NEW_CASES") == "1"
CHINOOK = pytest.param(
    "chinook",
    marks=[
        pytest.mark.shared,
        pytest.mark.skipif(not AT_NIGHT, reason="3,503 products take Odoo 11 minutes: at night"),
    ],
)
NORTHWIND = pytest.param("northwind", marks=pytest.mark.shared)


class TestOdooProjects(CrmProjects):
    system = "odoo"
    examples_of_it = ("consolidation", NORTHWIND, CHINOOK)
    datasets: ClassVar = {
        "users": "res.users",
        "partners": "res.partner",
        "products": "product.template",
        "leads": "crm.lead",
        "events": "calendar.event",
        "messages": "mail.message",
        "attachments": "ir.attachment",
    }
    people = "res.partner"
    no_orders = "orders belong to the app Sales"
    connected = ("is Odoo", "external ids: kept in ir.model.data")

    def ours(self, crm):
        mine = [["module", "=", "__crmmigrate__"], ["model", "=", "res.partner"]]
        rows = crm.client.call(
            "ir.model.data", "search_read", {"domain": mine, "fields": ["res_id"]}
        )
        return [row["res_id"] for row in rows]

    def edit(self, crm, number):
        values = {"vals": {"function": "edited by a colleague"}}
        crm.client.call("res.partner", "write", values, ids=[number])

    def remove(self, crm, numbers):
        crm.client.call("res.partner", "unlink", {}, ids=numbers)
        crm.target._words.sweep(crm.target.models.values())

    def find(self, crm, email):
        return crm.client.call("res.partner", "search", {"domain": [["email", "=", email]]})
