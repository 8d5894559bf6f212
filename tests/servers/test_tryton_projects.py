"""Whole projects into a real Tryton by the command line, and out again."""

from typing import ClassVar

from servers.crm_projects import CrmProjects
from support.whole_projects import SINGLE, retarget


class TestTrytonProjects(CrmProjects):
    system = "tryton"
    examples_of_it = ("consolidation", *SINGLE)
    """One by one: products of Chinook and Northwind have the same numbers, and Tryton wants each once."""
    datasets: ClassVar = {
        "employees": "company.employee",
        "parties": "party.party",
        "products": "product.template",
        "opportunities": "sale.opportunity",
        "notes": "ir.note",
        "attachments": "ir.attachment",
    }
    people = "party.party"
    no_orders = "orders are sales and belong to the books"
    lost = ("owner", "created_on")
    connected = ("is Tryton 8.2", "external ids: kept in the records")

    def ours(self, crm):
        mine = [["identifiers.code", "like", "crmmigrate:%"]]
        return crm.client.call("party.party", "search", mine, 0, None, None)

    def edit(self, crm, number):
        crm.client.call("party.party", "write", [number], {"name": "edited by a colleague"})

    def remove(self, crm, numbers):
        crm.client.call("party.party", "delete", numbers)
        crm.target._words.sweep()

    def find(self, crm, email):
        mail = [["contact_mechanisms.value", "=", email]]
        return crm.client.call("party.party", "search", mail, 0, None, None)

    def test_a_company_that_is_not_there_ends_with_code_2(self, small, entry):
        retarget(small, {**entry, "options": entry["options"] | {"company": "Nobody Ltd"}})
        said = small.cli("plan", code=2).stderr
        assert "no company 'Nobody Ltd'" in " ".join(said.split())
