"""Records that come later join what was loaded: a known record keeps its place in the target."""

import sqlite3

import pytest

from crmmigrate.cli.app import run_app

HEADER = "id,name,email,phone,company,status\n"
SPARSE = "5,Ion Popescu,ion.popescu@alfa.example,0722 123 456,,A\n"
OTHER = "7,Maria Ionescu,maria@beta.example,0744 111 222,3,A\n"
FULL = "2,Ion Mihai Popescu,ion.popescu@alfa.example,+40 722 123 456,1,A\n"


@pytest.fixture
def bring(project, capsys, monkeypatch):
    """Run and load with the given rows of people; return the contacts by id."""
    monkeypatch.chdir(project.root)

    def load(*rows):
        project.write("data/people.csv", HEADER + "".join(rows))
        assert run_app(["run"]) == 0, capsys.readouterr()
        assert run_app(["load"]) == 0, capsys.readouterr()
        with sqlite3.connect(project.root / "crm.db") as connection:
            found = connection.execute('SELECT id, external_id FROM "contact" ORDER BY id')
            return dict(found.fetchall())

    return load


def test_a_fuller_duplicate_that_comes_later_makes_no_second_record(bring):
    first = bring(SPARSE, OTHER)
    assert bring(SPARSE, OTHER, FULL) == first
    assert bring(FULL, OTHER, SPARSE) == first


def test_a_loaded_record_that_leaves_the_sources_hands_its_place_on(bring):
    bring(SPARSE, OTHER)
    both = bring(SPARSE, OTHER, FULL)
    assert bring(OTHER, FULL) == both


def test_a_new_person_is_the_only_one_created(bring):
    first = bring(SPARSE, OTHER)
    later = bring("9,Ana Dobre,ana@gamma.example,0755 000 111,,A\n", SPARSE, OTHER)
    assert len(later) == len(first) + 1
    assert first.items() <= later.items()


def test_a_cluster_that_people_split_keeps_its_record_for_the_one_it_is_named_after(bring):
    first = bring(SPARSE, OTHER)
    assert bring(SPARSE, OTHER, FULL) == first
    keys = ("shop:contact:people/5", "shop:contact:people/2")
    assert run_app(["decide", *keys, "no_match"]) == 0
    apart = bring(SPARSE, OTHER, FULL)
    assert first.items() <= apart.items()
    assert sorted(apart.values()) == sorted([*first.values(), "shop:contact:people/2"])
