"""A project as a whole: loading, defaults, fingerprints, what is missing."""

import jsonschema
import pytest
from ruamel.yaml import YAML

from crmmigrate.config.bundled import bundled_path, find_rules_file
from crmmigrate.config.codes import load_rules, read_rules
from crmmigrate.config.project import load_project
from crmmigrate.config.schemas import KINDS, json_schema
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.errors import ConfigError, ExitCode, InternalError, UsageError

MIGRATION = """\
version: 1
name: trial
region: RO
sources:
  erp:
    adapter: csv
    path: "${env:TRIAL_DATA:-data}"
    region: NO
    datasets:
      contacts: {file: contacts.csv, key: id, modified_at: changed}
      accounts: {file: accounts.csv, key: [id]}
  shop: {adapter: sql, url: "sqlite:///shop.db", datasets: {people: {query: SELECT 1, key: [a, b]}}}
target: {adapter: sqlite, path: crm.db}
match: {contact: contact}
source_priority: [shop, erp]
gates: {max_rejected: "2%", objects: {contact: {max_merged: 10}}, findings: {MAP301: 0}}
"""
CONTACT = """\
source: erp
dataset: contacts
object: contact
fields:
  name: {from: full_name}
  account: {lookup: {object: account, dataset: accounts, from: account_id}}
"""
ACCOUNT = """\
mappings:
  - {source: erp, dataset: accounts, object: account, region: SE, fields: {name: {from: name}}}
  - {source: shop, dataset: people, object: contact, region: {from: land}, fields: {name: {from: name}}}
"""


@pytest.fixture
def folder(tmp_path, write_file):
    write_file("migration.yaml", MIGRATION)
    write_file("mappings/contact.yaml", CONTACT)
    write_file("mappings/account.yaml", ACCOUNT)
    return tmp_path


def test_everything_is_loaded(folder):
    project = load_project(folder)
    assert project.objects == ("account", "contact")
    assert [m.unit for m in project.mappings] == [
        "account~erp.accounts",
        "contact~shop.people",
        "contact~erp.contacts",
    ]
    assert list(project.match_rules) == ["contact"]
    assert project.survivorship["contact"].object == "contact"
    assert project.validation["contact"].rules
    assert project.migration.sources["erp"].datasets["contacts"].key == ("id",)
    assert project.rules["MAP301"].name == "reference_dangling"


def test_the_region_is_the_mappings_then_the_sources_then_the_projects(folder):
    account, person, contact = load_project(folder).mappings
    assert account.region.constant == "SE"
    assert (person.region.column, person.region.constant) == ("land", "RO")
    assert contact.region.constant == "NO"


def test_options_are_resolved_when_a_source_is_opened(folder, monkeypatch):
    source = load_project(folder).migration.sources["erp"]
    monkeypatch.setenv("TRIAL_DATA", "elsewhere")
    options = source.reader_options(folder)
    assert options["path"] == "elsewhere"
    assert options["datasets"]["contacts"] == {
        "file": "contacts.csv",
        "key": ["id"],
        "modified_at": "changed",
    }
    assert "region" not in options


def test_gates(folder):
    gates = {g.name: g for g in load_project(folder).migration.gates.gates()}
    assert set(gates) == {"max_rejected", "contact.max_merged", "findings.MAP301"}
    assert str(gates["max_rejected"].limit) == "2%"
    assert gates["contact.max_merged"].object == "contact"


def test_a_fingerprint_changes_with_its_own_part_only(folder, write_file):
    stages = ("extract", "map", "standardize", "dedupe", "validate", "plan")

    def prints():
        project = load_project(folder)
        return {stage: project.fingerprint(stage) for stage in stages}

    before = prints()
    assert prints() == before
    write_file("mappings/contact.yaml", "# a remark\n" + CONTACT)
    assert prints() == before
    write_file("mappings/contact.yaml", CONTACT.replace("full_name", "name"))
    assert {s for s in stages if prints()[s] != before[s]} == {"map"}
    write_file("mappings/contact.yaml", CONTACT)
    write_file("migration.yaml", MIGRATION.replace("[shop, erp]", "[erp, shop]"))
    assert {s for s in stages if prints()[s] != before[s]} == {"dedupe"}
    write_file("migration.yaml", MIGRATION)
    write_file("rules/validate/contact.yaml", "object: contact\n")
    assert {s for s in stages if prints()[s] != before[s]} == {"validate"}


def test_no_project(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path)
    assert "there is no migration.yaml here" in str(caught.value)
    assert "crmmigrate init" in caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"\x00", b"just text"])
def test_a_migration_that_is_none(tmp_path, write_file, content):
    write_file("migration.yaml", content)
    with pytest.raises(ConfigError) as caught:
        load_project(tmp_path)
    assert caught.value.where.startswith("migration.yaml")


def test_a_folder_instead_of_the_file(tmp_path):
    (tmp_path / "migration.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"migration.yaml: cannot be read: is a directory"):
        load_project(tmp_path)


def test_rules_are_found_in_the_project_first(tmp_path, write_file):
    assert find_rules_file(tmp_path, "match/contact.yaml") == bundled_path(
        "rules/match/contact.yaml"
    )
    own = write_file("rules/match/contact.yaml", "x: 1")
    assert find_rules_file(tmp_path, "match/contact.yaml") == own
    other = write_file("other.yaml", "x: 1")
    assert find_rules_file(tmp_path, "other.yaml") == other
    with pytest.raises(ConfigError, match=r"match/none.yaml: no such rules file"):
        find_rules_file(tmp_path, "match/none.yaml")
    with pytest.raises(InternalError):
        bundled_path("rules/none")


def test_every_rule_is_documented():
    rules = load_rules()
    without = [code for code, rule in rules.items() if not rule.cases]
    assert len(without) < len(rules) / 20, "rules that a case on one value cannot show"
    for code, rule in rules.items():
        assert rule.code == code
        assert rule.doc, code
        assert code[:3].isalpha(), code
        assert code[3:].isdigit(), code


def test_a_code_stands_once(tmp_path, write_file):
    rule = "{0}: {{name: {1}, severity: info, doc: d}}\n"
    write_file("a.yaml", rule.format("ABC1", "one"))
    write_file("b.yaml", rule.format("ABC1", "two"))
    with pytest.raises(ConfigError, match=r"b.yaml:1: 'ABC1' is used twice; first at a.yaml:1"):
        read_rules(tmp_path)
    write_file("b.yaml", rule.format("ABC2", "one"))
    with pytest.raises(ConfigError, match=r"b.yaml:1: 'one' is used twice"):
        read_rules(tmp_path)


def test_schemas_accept_what_is_packaged():
    yaml = YAML(typ="safe", pure=True)
    jsonschema.validate(yaml.load(MIGRATION), json_schema("migration"))
    for text in (CONTACT, ACCOUNT):
        jsonschema.validate(yaml.load(text), json_schema("mapping"))
    for kind in ("validate", "match", "survivorship"):
        for path in bundled_path(f"rules/{kind}").glob("*.yaml"):
            document = yaml.load(path.read_text(encoding="utf-8"))
            if "object" in document:
                jsonschema.validate(document, json_schema(kind))


def test_schemas_refuse_what_the_loader_refuses():
    wrong = YAML(typ="safe", pure=True).load(CONTACT.replace("from: full_name", "form: x"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, json_schema("mapping"))
    with pytest.raises(UsageError, match="there is no schema 'mapings'; did you mean 'mapping'"):
        json_schema("mapings")
    assert set(KINDS) == {"migration", "mapping", "match", "survivorship", "validate", "region"}


def test_target_names(folder, write_file):
    model = load_project(folder).model
    same = load_target_mapping("sqlite", model)
    columns = same.object("contact").columns(model.objects["contact"])
    assert columns == {c: c for c in model.objects["contact"].columns}
    write_file(
        "mappings/other/from_canonical.yaml",
        "adapter: other\nobjects: {contact: {name: Person, fields: {email: mail, fax: null}}}\n",
    )
    other = load_target_mapping("other", model, folder).object("contact")
    named = other.columns(model.objects["contact"])
    assert (other.name, named["email"], "fax" in named) == ("Person", "mail", False)
    write_file(
        "mappings/other/from_canonical.yaml",
        "adapter: other\nobjects: {contact: {fields: {emial: mail}}}\n",
    )
    with pytest.raises(
        ConfigError,
        match=r"from_canonical.yaml:2: objects.contact.fields.emial: unknown column; did you mean 'email'",
    ):
        load_target_mapping("other", model, folder)
