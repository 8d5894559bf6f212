"""The document adds up, at every point of the road, and keeps to its schema."""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from crmmigrate.errors import CorruptError, CrmMigrateError, UsageError
from crmmigrate.report.contract import ReportDocument, report_schema
from crmmigrate.report.document import build_document, write_report

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "schemas" / "report.json"


def document(made) -> ReportDocument:
    return build_document(made.project, made.run, NOW)


def ends(line) -> int:
    return (
        line.excluded
        + line.held
        + line.rejected
        + line.merged
        + line.created
        + line.updated
        + line.unchanged
        + line.failed
        + line.pending
        + line.unmapped
        + line.unaccounted
    )


@pytest.mark.parametrize("steps", range(7))
def test_the_funnel_adds_up_wherever_the_run_stopped(make, steps):
    report = document(make(steps))
    assert all(ends(line) == line.rows for line in report.funnel)
    assert report.totals.unaccounted == 0
    assert report.totals.source_rows == (11 if steps else 0)


def test_each_row_is_where_it_ended(made):
    erp, fair, log = document(made).funnel
    assert (erp.rows, erp.excluded, erp.rejected, erp.created, erp.failed) == (6, 2, 2, 1, 1)
    assert (fair.rows, fair.excluded, fair.rejected, fair.merged, fair.unchanged) == (4, 1, 1, 1, 1)
    assert (log.object, log.rows, log.unmapped) == ("", 1, 1)


def test_a_lost_row_is_seen(made):
    path = made.run.dir / "dedupe" / "contact"
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["channels"]["members"] = []
    (path / "manifest.json").write_text(json.dumps(manifest))
    report = document(made)
    assert report.totals.unaccounted == 5
    assert report.verdict.state == "bad"
    assert report.lights[0].state == "bad"


def test_quality_before_and_after(made):
    lines = {line.field: line for line in document(made).quality}
    name, phone = lines["name"], lines["phone"]
    assert (name.records, name.filled, name.sound_before, name.sound_after) == (5, 5, 4, 5)
    assert (phone.filled, phone.sound_before, phone.sound_after) == (3, 1, 2)
    assert (phone.changed, phone.flagged, phone.golden, phone.golden_filled) == (1, 1, 3, 2)


def test_findings_are_counted_over_all_stages(made):
    found = {line.code: line for line in document(made).findings}
    assert {code: line.count for code, line in found.items()} == {
        "EXT105": 2,
        "VAL401": 1,
        "STD110": 1,
        "STD101": 2,
    }
    assert next(iter(found.values())).severity == "error"
    sample = found["STD110"].samples[0]
    assert (sample.before, sample.message) == ("12", "'12' of 'I•• K•••••••', a•••@e•••.com")


def test_duplicates(made):
    (part,) = document(made).duplicates
    assert (part.records, part.golden, part.clusters, part.across_sources) == (5, 4, 1, 1)
    assert (part.pairs, part.matches, part.reviews) == (3, 1, 1)
    assert (part.match_threshold, part.review_threshold) == (14.2, 3.0)
    assert part.histogram is not None
    assert len(part.histogram.edges) == len(part.histogram.match) + 1
    totals = [sum(getattr(part.histogram, n)) for n in ("match", "review", "no_match")]
    assert totals == [1, 1, 1]
    assert part.histogram.edges[0] <= -6.5
    assert part.histogram.edges[-1] >= 14.2
    assert [c.weight for c in part.examples[0].contributions] == [8.0, 6.2]
    assert part.examples[0].contributions[1].value_a == "+40•••••••56"
    assert [e.veto for e in part.examples] == ["", "", "DUP202"]


def test_coverage_and_what_is_left_behind(made):
    report = document(made)
    erp = report.coverage[0]
    assert [c.column for c in erp.mapped] == ["id", "name", "tel"]
    assert [(c.column, c.why) for c in erp.ignored] == [("legacy", "never filled since 2009")]
    assert {(e.rule, e.rows) for e in erp.excluded} == {("totals_row", 1), ("empty_row", 1)}
    assert [d.dataset for d in report.left_behind] == ["badges"]


def test_load_and_reconciliation(made):
    report = document(made)
    assert [(line.action, line.planned, line.succeeded, line.rejected) for line in report.load] == [
        ("create", 2, 1, 1),
        ("unchanged", 1, 1, 0),
    ]
    (cause,) = report.dead_letters
    assert cause.message == "'I•• K•••••••' is not allowed in 'phone'"
    assert cause.keys == ("erp:contact:people/2",)
    assert report.reconciliation[0].differing == 1


@pytest.mark.parametrize(
    ("steps", "state"), [(0, "open"), (4, "open"), (5, "open"), (6, "attention")]
)
def test_the_verdict_follows_the_road(make, steps, state):
    assert document(make(steps)).verdict.state == state


def test_written_json_is_valid_and_the_schema_is_fresh(made):
    report, page = write_report(made.project, made.run, NOW)
    written = json.loads((page.parent / "report.json").read_text(encoding="utf-8"))
    jsonschema.validate(written, report_schema())
    assert ReportDocument.model_validate(written) == report
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == report_schema()


def test_the_same_run_gives_the_same_report(made):
    assert document(made) == document(made)


def test_a_file_in_the_place_of_the_folder_is_refused(made, tmp_path):
    place = tmp_path / "taken"
    place.write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        write_report(made.project, made.run, NOW, place)
    assert place.read_text() == "x"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"stage": "map"}', '{"books": 1}'])
def test_a_damaged_stage_report_is_told(made, text):
    (made.run.dir / "map" / "report.json").write_text(text)
    with pytest.raises(CorruptError, match="damaged"):
        document(made)


def test_a_damaged_artifact_is_told(made):
    part = next((made.run.dir / "dedupe" / "contact").glob("members-*.parquet"))
    part.write_bytes(b"x" * part.stat().st_size)
    with pytest.raises(CrmMigrateError, match="damaged"):
        document(made)


def test_a_load_that_was_broken_off_says_so(made):
    with sqlite3.connect(made.workspace.ledger_path) as ledger:
        ledger.execute("DELETE FROM operations WHERE op_id = 'o1'")
    (made.run.dir / "load" / "report.json").unlink()
    report = document(made)
    assert report.totals.pending == 1
    assert report.totals.unaccounted == 0
    assert "1 in the CRM, 1 not loaded yet" in report.verdict.sentence
