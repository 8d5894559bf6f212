"""Command connect, with adapters that cannot say more than what they hold."""

import json

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project


@pytest.fixture
def small(tmp_path):
    project = Project(tmp_path)
    project.write("migration.yaml", MIGRATION)
    project.write("mappings/company.yaml", ACCOUNT)
    project.write("mappings/person.yaml", CONTACT)
    project.write("data/companies.csv", COMPANIES)
    project.write("data/people.csv", PEOPLE)
    return project


def test_a_source_shows_its_datasets(small):
    said = small.cli("connect", "shop").stdout
    assert "2 datasets: companies, people" in said


def test_the_target_is_tried_by_default_and_nothing_is_made(small):
    document = json.loads(small.cli("connect", "--json").stdout)
    assert (document["connection"], document["ok"]) == ("target", True)
    assert not (small.root / "crm.db").exists()


def test_an_unknown_connection_is_told(small):
    done = small.cli("connect", "shap", code=2)
    assert "did you mean 'shop'" in done.stderr


def test_a_source_that_is_not_there_ends_with_code_2(small):
    (small.root / "data" / "people.csv").unlink()
    small.cli("connect", "shop", code=2)


def test_where_there_is_always_a_place_for_our_key_none_is_made(small):
    assert "none is needed" in small.cli("connect", "target", "--create-field").stdout
    assert not (small.root / "crm.db").exists()


def test_sources_get_no_field(small):
    done = small.cli("connect", "shop", "--create-field", code=2)
    assert "sources keep no keys" in " ".join(done.stderr.split())
