"""Leads point to the contacts that they are already: the real command on a small project."""

import re

import polars as pl
import pytest
from support.small_project import MIGRATION

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.canonical import load_model
from crmmigrate.config.matching import load_match_rules
from crmmigrate.dedupe.decide import decision_frame
from crmmigrate.stages.counterparts import find_counterparts
from crmmigrate.store.artifacts import read

LEAD = """\
source: shop
dataset: leads
object: lead
fields:
  name: {from: name}
  company: {from: company}
  email: {from: email}
  phone: {from: phone}
  contact: {lookup: {object: contact, dataset: people, from: contact, on_missing: null}}
ignore: {id: the key}
"""
LEADS = """\
id,name,company,email,phone,contact
1,Maria Ionescu,Beta Trans,maria@beta.example,0744 111 222,
3,Ion Popescu,Alfa Construct,ion.popescu@alfa.example,,4
4,Vasile Nimeni,Gamma SRL,v.nimeni@gamma.example,0755 000 111,
5,Radu Stan,,,,
"""


@pytest.fixture
def leads(project):
    datasets = "      people: {file: people.csv, key: [id]}\n"
    more = datasets + "      leads: {file: leads.csv, key: [id]}\n"
    matched = MIGRATION.replace("contact: contact}", "contact: contact, lead: lead}")
    project.write("migration.yaml", matched.replace(datasets, more))
    project.write("mappings/lead.yaml", LEAD)
    project.write("data/leads.csv", LEADS)
    return project


def ran(project):
    project.cli("run")
    newest = max((project.root / ".crmmigrate/runs").iterdir())
    rows = read(newest, "dedupe", "lead", "rows")
    findings = read(newest, "dedupe", "lead", "findings")
    told = {} if findings is None else dict(findings.select("_key", "code").iter_rows())
    return {
        key.rpartition("/")[2]: value for key, value in rows.select("_key", "contact").iter_rows()
    }, {key.rpartition("/")[2]: code for key, code in told.items()}


def test_a_lead_who_is_a_contact_already_points_to_it(leads):
    contacts, told = ran(leads)
    assert contacts["1"] == "shop:contact:people/3"
    assert told["1"] == "DUP130"
    # What a source has said stays, whoever it resembles more; a stranger stays alone.
    assert contacts["3"] == "shop:contact:people/4"
    assert contacts["4"] is None
    assert not {"3", "4"} & set(told)


def test_a_name_alone_is_not_enough(leads):
    contacts, told = ran(leads)
    assert contacts["5"] is None
    assert told.get("5") in {None, "DUP131"}


def test_it_gets_into_the_crm_and_is_undone_by_a_decision(leads):
    ran(leads)
    leads.cli("load")
    leads.cli("verify", "--full")
    leads.cli(
        "decide", "shop:lead:leads/1", "shop:contact:people/3", "no_match", "--why", "her sister"
    )
    contacts, told = ran(leads)
    assert contacts["1"] is None
    assert "1" not in told
    assert "DUP222" not in told.values()


def test_several_counterparts_are_asked_about(leads):
    people = leads.root / "data/people.csv"
    twin = "6,Maria Ionescu,maria@beta.example,0744 111 222,1,A\n"
    people.write_text(people.read_text("utf-8") + twin, "utf-8")
    leads.cli(
        "decide", "shop:contact:people/3", "shop:contact:people/6", "no_match", "--why", "two"
    )
    contacts, told = ran(leads)
    assert contacts["1"] is None
    assert told["1"] == "DUP131"
    leads.cli("decide", "shop:lead:leads/1", "shop:contact:people/6", "match", "--why", "asked her")
    leads.cli(
        "decide", "shop:lead:leads/1", "shop:contact:people/3", "no_match", "--why", "asked her"
    )
    contacts, told = ran(leads)
    assert contacts["1"] == "shop:contact:people/6"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("{object: contcat, field: contact}", "unknown object 'contcat', did you mean 'contact'"),
        ("{object: contact, field: campaign}", "'campaign' is no reference to contact"),
        ("{object: contact, field: contact, values: {compny: account.name}}", "'compny'"),
        ("{object: contact, field: contact, values: {company: account.nme}}", "no 'account.nme'"),
    ],
)
def test_wrong_names_are_told(leads, wrong, says):
    text = bundled_path("rules/match/lead.yaml").read_text("utf-8")
    leads.write(
        "rules/match/lead.yaml", re.sub(r"(?m)^counterpart: .*$", f"counterpart: {wrong}", text)
    )
    out = leads.cli("check", code=2)
    assert says.split(",")[0] in " ".join((out.stdout + out.stderr).split())


def test_objects_with_nothing_to_compare_are_left_alone():
    rules = load_match_rules(bundled_path("rules/match/lead.yaml"))
    leads = pl.DataFrame({"_key": ["a:lead:x/1"], "email": ["ana@firma.example"]})
    contacts = pl.DataFrame({"_key": ["a:contact:x/1"], "title": ["Director"]})
    found = find_counterparts(leads, {"contact": contacts}, rules, decision_frame(()), load_model())
    assert found.rows.equals(leads)
    assert found.findings.is_empty()
