"""A key leads from the source cell to the target field."""

import json

import pytest

from crmmigrate.cli.trace_view import trace_lines
from crmmigrate.errors import UsageError
from crmmigrate.stages.trace import trace


def follow(made, key):
    return trace(made.workspace, made.run, made.project, key)


def text(found) -> str:
    return "\n".join(line.plain for line in trace_lines(found))


def test_a_row_key_shows_cells_and_every_record(made):
    found = follow(made, "erp:people:1")
    assert found.source["name"] == "POPESCU  Ana1"
    (record,) = found.records
    assert (record.key, record.fate) == ("erp:contact:people/1", "create: succeeded")
    phone = next(f for f in record.fields if f.field == "phone")
    assert (phone.mapped, phone.standardized, phone.golden) == (
        "0722 123 456",
        "+40722123456",
        "+40722123456",
    )
    assert (phone.chosen_from, phone.chosen_by) == ("fair:contact:people/1", "source_priority")
    name = next(f for f in record.fields if f.field == "name")
    assert name.target == "Ana Popescu"
    assert record.operation["target_id"] == "501"
    assert [f.code for f in record.findings] == ["STD101", "STD101"]
    (member,) = record.members
    assert (member.key, member.score) == ("fair:contact:people/1", 14.2)
    assert [c["weight"] for c in member.contributions] == [8.0, 6.2]


def test_a_merged_record_says_where_it_went(made):
    (record,) = follow(made, "fair:contact:people/1").records
    assert record.fate == "merged into erp:contact:people/1"
    assert record.operation["external_id"] == "erp:contact:people/1"


@pytest.mark.parametrize(
    ("key", "fate"),
    [
        ("erp:contact:people/3", "rejected (VAL401: phone: is missing) by validate"),
        ("erp:contact:people/4", "excluded (totals_row: sum line of the sheet) by map"),
        ("erp:contact:people/2", "create: rejected"),
        ("fair:contact:people/2", "unchanged: planned"),
    ],
)
def test_fates(made, key, fate):
    assert follow(made, key).records[0].fate == fate


def test_a_row_that_could_not_be_read_shows_its_text(made):
    found = follow(made, "erp:people:#9")
    assert found.fate == "rejected (EXT105: too many cells)"
    assert found.records == ()
    assert "<script>" in text(found)


def test_it_works_before_everything_has_run(make):
    (record,) = follow(make(2), "erp:people:1").records
    assert (record.fate, record.golden_key) == ("on its way", None)
    assert follow(make(1), "erp:people:1").records == ()


@pytest.mark.parametrize(
    "key", ["erp:people:11", "erp:contact:people/12", "1", "", ":", "%s/../.."]
)
def test_an_unknown_key_names_near_ones(made, key):
    with pytest.raises(UsageError) as caught:
        follow(made, key)
    assert "has the key" in str(caught.value)
    if key in {"erp:people:11", "1"}:
        assert "did you mean erp:people:1?" in caught.value.causes


def test_json_is_json(made):
    document = follow(made, "erp:people:1").to_json()
    assert document["version"] == 1
    assert json.loads(json.dumps(document))["records"][0]["object"] == "contact"


def test_the_text_tells_the_whole_way(made):
    shown = text(follow(made, "erp:people:1"))
    for piece in ("0722 123 456", "+40722123456", "STD101", "score +14.2", "target id 501"):
        assert piece in shown


def test_a_terminal_is_not_commanded_by_values(made):
    path = made.run.dir / "extract" / "erp.people"
    assert path.exists()
    found = follow(made, "erp:people:1")
    hostile = type(found)(
        key="k", run_id="r", row_key="k", source={"a": "\x1b[2Jx\ny"}, findings=(), fate="read"
    )
    assert "\x1b" not in text(hostile)
    assert "[2Jx y" in text(hostile)
