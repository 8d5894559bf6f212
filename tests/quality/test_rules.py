"""Validation: what the model demands, and what a project adds."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.canonical import load_model
from crmmigrate.errors import ConfigError
from crmmigrate.model.findings import Severity
from crmmigrate.model.validation import CheckRule, ValidationRules
from crmmigrate.quality.rules import validate_records

MODEL = load_model()
CONTACT = MODEL.objects["contact"]
LINE = MODEL.objects["order_line"]


def check(record, rules=None, known=None, object_type=CONTACT):
    frame = pl.DataFrame([{"_key": "k", **record}], infer_schema_length=None)
    frame = frame.cast(dict.fromkeys(frame.columns, pl.String))
    good, bad = validate_records(
        frame, object_type, rules or ValidationRules(object_type.name), known or {}
    )
    assert good.height + bad.height == 1
    row = (good if good.height else bad).to_dicts()[0]
    return bool(good.height), row, [f["code"] for f in row["_findings"]]


@pytest.mark.parametrize(
    ("record", "passes", "codes"),
    [
        ({"name": "Ion"}, True, []),
        ({"name": None}, False, ["VAL401"]),
        ({"name": " "}, False, ["VAL401"]),
        ({"name": None, "name_family": "Pop"}, True, []),
        ({"name": "Ion", "status": "actve"}, False, ["VAL402"]),
        ({"name": "Ion", "status": "active"}, True, []),
        ({"name": "Ion", "title": "x" * 121}, False, ["VAL403"]),
        ({"name": "Ion", "title": "ș" * 120}, True, []),
        ({"name": "Ion", "birth_date": "1980-02-29"}, True, []),
        ({"name": "Ion", "birth_date": "1981-02-29"}, True, ["VAL405"]),
        ({"name": "Ion", "birth_date": "unknown"}, True, ["VAL405"]),
        ({"name": "Ion", "created_on": "2020-01-02T03:04:05.678+02:00"}, True, []),
        ({"name": "Ion", "created_on": "2020-01-02 03:04"}, True, []),
        ({"name": "Ion", "created_on": "2020-01-02T33:04"}, True, ["VAL405"]),
        ({"name": "Ion", "do_not_call": "true"}, True, []),
        ({"name": "Ion", "do_not_call": "ja"}, True, ["VAL405"]),
    ],
)
def test_what_the_model_demands(record, passes, codes):
    ok, _, found = check(record)
    assert (ok, found) == (passes, codes)


def test_a_malformed_value_is_emptied_and_stands_in_the_finding():
    _, row, _ = check({"name": "Ion", "birth_date": "unknown"})
    assert row["birth_date"] is None
    assert row["_findings"][0]["before"] == "unknown"


def test_a_malformed_amount_loses_its_parts_too():
    known = {"order": pl.Series(["erp:order:o/1"])}
    record = {"order": "erp:order:o/1", "unit_price": "cheap", "unit_price_currency": "RON"}
    ok, row, codes = check(record, known=known, object_type=LINE)
    assert (ok, codes) == (True, ["VAL405"])
    assert (row["unit_price"], row["unit_price_currency"]) == (None, None)


def test_strict_and_lenient_turn_the_default_round():
    strict = ValidationRules("contact", strict=frozenset({"VAL405"}))
    assert check({"name": "Ion", "birth_date": "?"}, strict)[0] is False
    lenient = ValidationRules("contact", lenient=frozenset({"VAL402", "VAL403"}))
    ok, row, codes = check({"name": "Ion", "status": "actve", "title": "x" * 130}, lenient)
    assert (ok, codes) == (True, ["VAL403", "VAL402"])
    assert (row["status"], len(row["title"])) == (None, 120)


def test_a_lost_reference_is_emptied():
    known = {"account": pl.Series(["erp:account:a/1"])}
    assert check({"name": "Ion", "account": "erp:account:a/1"}, known=known)[2] == []
    ok, row, codes = check({"name": "Ion", "account": "erp:account:a/2"}, known=known)
    assert (ok, row["account"], codes) == (True, None, ["VAL404"])


def test_a_reference_to_the_wrong_object_is_lost():
    ok, row, codes = check({"name": "Ion", "account": "erp:user:u/1"})
    assert (ok, row["account"], codes) == (True, None, ["VAL404"])


def test_a_lost_required_reference_rejects():
    known = {"order": pl.Series([], dtype=pl.String)}
    assert check({"order": "erp:order:o/1"}, known=known, object_type=LINE)[2] == ["VAL407"]
    assert check({"order": None}, known=known, object_type=LINE)[2] == ["VAL401"]


@pytest.mark.parametrize(
    ("severity", "passes", "code"),
    [
        (Severity.INFO, True, "VAL450"),
        (Severity.WARNING, True, "VAL451"),
        (Severity.ERROR, False, "VAL452"),
    ],
)
def test_a_rule_of_the_project(severity, passes, code):
    rule = CheckRule("reachable", "phone IS NOT NULL", "no phone", severity, "phone")
    rules = ValidationRules("contact", (rule,))
    assert check({"name": "Ion", "phone": "+40"}, rules)[2] == []
    ok, row, codes = check({"name": "Ion"}, rules)
    assert (ok, codes) == (passes, [code])
    assert row["_findings"][0]["message"] == "reachable: no phone"


def test_a_rule_without_an_answer_passes():
    rule = CheckRule("old", "birth_date > '1900'", "old", Severity.ERROR)
    assert check({"name": "Ion"}, ValidationRules("contact", (rule,)))[0]


def test_a_rule_that_does_not_fit_is_a_configuration_error():
    rule = CheckRule("odd", "LENGTH(name)", "odd", where="rules/validate/contact.yaml:4")
    with pytest.raises(
        ConfigError, match=r"contact.yaml:4: rules.odd.check: the condition is not true"
    ):
        check({"name": "Ion"}, ValidationRules("contact", (rule,)))


def test_earlier_findings_stay():
    finding = {
        "code": "STD1",
        "field": "f",
        "before": "b",
        "after": "a",
        "message": "m",
        "action": "changed",
    }
    frame = pl.DataFrame(
        {"_key": ["k"], "name": ["Ion"], "status": ["?"], "_findings": [[finding]]}
    )
    _, bad = validate_records(frame, CONTACT, ValidationRules("contact"), {})
    assert [f["code"] for f in bad["_findings"][0]] == ["STD1", "VAL402"]


CELL = st.sampled_from([None, "", "Ion", "active", "1980-01-01", "erp:account:a/1", "x" * 300])


@settings(max_examples=40, deadline=None)
@given(
    records=st.lists(
        st.fixed_dictionaries(
            dict.fromkeys(("name", "status", "account", "birth_date", "title"), CELL)
        ),
        max_size=10,
    ),
    cut=st.integers(0, 10),
)
def test_every_record_has_one_outcome_and_batches_do_not_matter(records, cut):
    schema = dict.fromkeys(("_key", "name", "status", "account", "birth_date", "title"), pl.String)
    frame = pl.DataFrame([{"_key": str(i), **r} for i, r in enumerate(records)], schema=schema)
    rule = CheckRule("titled", "title IS NOT NULL", "no title")
    rules, known = ValidationRules("contact", (rule,)), {"account": pl.Series(["erp:account:a/1"])}

    def run(part):
        return validate_records(part, CONTACT, rules, known)

    good, bad = run(frame)
    assert sorted([*good["_key"], *bad["_key"]]) == sorted(frame["_key"])
    (good1, bad1), (good2, bad2) = run(frame[:cut]), run(frame[cut:])
    assert pl.concat([good1, good2]).equals(good)
    assert pl.concat([bad1, bad2]).equals(bad)
