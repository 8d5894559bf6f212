"""A small project on disk."""

import pytest
from support.small_project import ACCOUNT, COMPANIES, CONTACT, MIGRATION, PEOPLE, Project


@pytest.fixture
def project(tmp_path):
    found = Project(tmp_path)
    found.write("migration.yaml", MIGRATION)
    found.write("mappings/account.yaml", ACCOUNT)
    found.write("mappings/contact.yaml", CONTACT)
    found.write("data/companies.csv", COMPANIES)
    found.write("data/people.csv", PEOPLE)
    return found
