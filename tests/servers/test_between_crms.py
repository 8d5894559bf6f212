"""From one real CRM into another, through the canonical model: nobody has mapped the pair."""

import json

import polars as pl
import pytest
from servers.native_crm import Crm
from support.small_project import Project

STAGES = ("extract", "map", "standardize", "dedupe", "validate")
SETTINGS = {
    "odoo": {"users": "res.users", "partners": "res.partner", "products": "product.template"}
    | {"leads": "crm.lead", "events": "calendar.event", "messages": "mail.message"}
    | {"attachments": "ir.attachment"},
    "tryton": {"employees": "company.employee", "parties": "party.party"}
    | {"products": "product.template", "opportunities": "sale.opportunity"}
    | {"notes": "ir.note", "attachments": "ir.attachment"},
}
COMPANY = {"name": "Alfa Papetărie SRL", "city": "Brașov", "phone": "+40 268 555 001"}
PERSON = {"name": "Ana Pop", "email": "ana@alfa.example"}


@pytest.fixture
def crms(odoo, tryton, monkeypatch):
    """Both CRMs; each must be at the end as it was."""
    found = {"odoo": Crm(odoo), "tryton": Crm(tryton)}
    before = {name: crm.counts() for name, crm in found.items()}
    for name, server in (("odoo", odoo), ("tryton", tryton)):
        monkeypatch.setenv(f"{name.upper()}_PASSWORD", server.password)
    yield found
    for name, crm in found.items():
        crm.clear()
        assert crm.counts() == before[name], f"{name} is as it was"


def fill_odoo(crm):
    company = {**COMPANY, "external_id": "c", "is_company": "true", "country_id.code": "RO"}
    one = crm.create("res.partner", company)[0]
    link = f"res.partner:{one}"
    person = {**PERSON, "external_id": "p", "is_company": "false", "parent_id": link}
    crm.create("res.partner", person)
    deal = {"external_id": "d", "name": "Shelves", "type": "opportunity", "partner_id": link}
    crm.create("crm.lead", deal | {"expected_revenue": "1500", "stage_id.name": "Qualified"})
    note = {"external_id": "n", "body": "called twice", "res_id": link, "message_type": "comment"}
    crm.create("mail.message", note)


def fill_tryton(crm):
    company = {"external_id": "c", "name": COMPANY["name"], "kind": "company"}
    company |= {"address.city": COMPANY["city"], "phone": COMPANY["phone"]}
    one = crm.create("party.party", company | {"address.country.code": "RO"})[0]
    link = f"party.party:{one}"
    person = {**PERSON, "external_id": "p", "kind": "person", "relation.employer": link}
    crm.create("party.party", person)
    deal = {"external_id": "d", "description": "Shelves", "party": link, "state": "opportunity"}
    crm.create("sale.opportunity", deal | {"amount": "1500", "currency.code": "EUR"})
    crm.create("ir.note", {"external_id": "n", "message": "called twice", "resource": link})


def migrate(folder, repository, servers, source, target):
    project = Project(folder)
    ready = repository / "mappings" / source / "to_canonical.yaml"
    project.write(f"mappings/{source}.yaml", ready.read_bytes())
    entries = {}
    for name, server in servers.items():
        options = {"database": server.database, "user": server.user}
        options["password"] = f"${{env:{name.upper()}_PASSWORD}}"
        entries[name] = {"adapter": name, "url": server.url, "options": options}
    datasets = {name: {"table": model} for name, model in SETTINGS[source].items()}
    whole = {
        "version": 1,
        "name": "between",
        "region": "RO",
        "sources": {source: {**entries[source], "datasets": datasets}},
        "target": entries[target],
        "gates": {"max_rejected": "10%"},
    }
    project.write("migration.yaml", json.dumps(whole))
    for stage in (*STAGES, "plan", "load", "verify"):
        project.cli(stage)
    assert "nothing to do" in project.cli("plan").stdout
    return project


def undo(project):
    runs = sorted((project.root / ".crmmigrate" / "runs").iterdir())
    project.cli("rollback", runs[0].name, "--yes")


def everything(crm, model, fields):
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in crm.target.fetch(model, None, "id", fields)]
    return pl.concat(frames).drop_nulls("_external_id").to_dicts()


def test_from_odoo_into_tryton(crms, odoo, tryton, tmp_path, repository):
    fill_odoo(crms["odoo"])
    servers = {"odoo": odoo, "tryton": tryton}
    project = migrate(tmp_path, repository, servers, "odoo", "tryton")
    crm = crms["tryton"]
    fields = ["name", "kind", "address.city", "phone", "email", "relation.employer"]
    parties = {p["name"]: p for p in everything(crm, "party.party", fields)}
    company, person = parties[COMPANY["name"]], parties[PERSON["name"]]
    assert (company["kind"], company["address.city"]) == ("company", COMPANY["city"])
    assert (person["kind"], person["email"]) == ("person", PERSON["email"])
    assert person["relation.employer"] == f"party.party:{company['_id']}"
    deals = everything(crm, "sale.opportunity", ["description", "state", "amount", "party"])
    told = [(d["description"], d["state"], d["amount"], d["party"]) for d in deals]
    assert ("Shelves", "opportunity", "1500", f"party.party:{company['_id']}") in told
    notes = everything(crm, "ir.note", ["message", "resource"])
    assert ("called twice", f"party.party:{company['_id']}") in [
        (n["message"], n["resource"]) for n in notes
    ]
    undo(project)


def test_from_tryton_into_odoo(crms, odoo, tryton, tmp_path, repository):
    fill_tryton(crms["tryton"])
    servers = {"odoo": odoo, "tryton": tryton}
    project = migrate(tmp_path, repository, servers, "tryton", "odoo")
    crm = crms["odoo"]
    fields = ["name", "is_company", "city", "email", "parent_id"]
    partners = {p["name"]: p for p in everything(crm, "res.partner", fields)}
    company, person = partners[COMPANY["name"]], partners[PERSON["name"]]
    assert (company["is_company"], company["city"]) == ("true", COMPANY["city"])
    assert (person["is_company"], person["email"]) == ("false", PERSON["email"])
    assert person["parent_id"] == f"res.partner:{company['_id']}"
    deals = everything(crm, "crm.lead", ["name", "partner_id", "expected_revenue"])
    told = [(d["name"], d["expected_revenue"], d["partner_id"]) for d in deals]
    assert ("Shelves", "1500", f"res.partner:{company['_id']}") in told
    undo(project)
