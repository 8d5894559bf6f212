"""A stage report fits a dozen lines of 80 columns and ends with the next step."""

import json

import pytest

from crmmigrate.cli.render import MOST_LINES, WIDTH, render_reports, report_lines
from crmmigrate.model.runs import BookLine, FindingCount, GateResult, StageReport


def report(objects=2, findings=3, gates=(), **more) -> StageReport:
    books = tuple(
        BookLine(f"object_{i}", 1_234_567, 1_234_567 - 1, rejected=1) for i in range(objects)
    )
    found = tuple(FindingCount(f"STD10{i}", "phone_formatted", "info", 10) for i in range(findings))
    facts = {"artifacts": "runs/x/map", "next_command": "crmmigrate standardize"} | more
    return StageReport("map", "20260301T09-abcd", books, found, tuple(gates), seconds=2.0, **facts)


def plain(found: StageReport) -> list[str]:
    return [line.plain for line in report_lines(found)]


@pytest.mark.parametrize("objects", [0, 1, 2, 5, 6, 7, 20, 200])
@pytest.mark.parametrize("findings", [0, 1, 9])
@pytest.mark.parametrize("gates", [0, 1, 9])
@pytest.mark.parametrize("notes", [0, 1, 30])
def test_a_dozen_lines_of_80_columns(objects, findings, gates, notes):
    failed = [GateResult(f"gate_{i}", passed=False, limit="2%", actual="3%") for i in range(gates)]
    lines = plain(report(objects, findings, failed, notes=tuple("n" * 300 for _ in range(notes))))
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= WIDTH
    assert lines[-1] == "next: crmmigrate standardize"
    if objects:
        assert any(line.lstrip().startswith("object ") for line in lines)


def test_what_does_not_fit_is_summed():
    lines = plain(report(objects=40, findings=0))
    row = next(line for line in lines if "more" in line)
    hidden = int(row.split()[1])
    shown = sum(line.startswith("  object_") for line in lines)
    assert hidden + shown == 40
    assert f"{hidden * 1_234_567:,}" in row or f"{hidden * 1.234567:.1f}M" in row


def test_failures_are_told_in_words():
    lines = plain(
        report(gates=[GateResult("max_rejected", passed=False, limit="2%", actual="3.1%")])
    )
    assert lines[0].startswith("map  gate failed")
    assert "  gate    max_rejected: 3.1% (allowed 2%)" in lines


def test_passed_gates_are_one_line():
    gates = [GateResult("max_rejected", passed=True, limit="2%", actual="0%")] * 3
    assert "  3 gates passed" in plain(report(gates=gates))


def test_a_skipped_stage_says_so():
    assert "nothing has changed" in plain(report(skipped=True))[0]


def test_books_that_do_not_balance_are_marked():
    line = BookLine("contact", 10, 8)
    assert plain(StageReport("map", "r", (line,)))[2].endswith("8 !")


def test_without_a_terminal_there_are_no_colour_codes(capsys):
    render_reports([report()], as_json=False, single=True)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.endswith("next: crmmigrate standardize\n")


def test_markup_in_names_is_text(capsys):
    render_reports(
        [StageReport("map", "r", (BookLine("[bold]x[/]", 1, 1),))], as_json=False, single=True
    )
    assert "[bold]x[/]" in capsys.readouterr().out


def test_json_single_and_many(capsys):
    found = report()
    render_reports([found], as_json=True, single=True)
    assert StageReport.from_json(json.loads(capsys.readouterr().out)) == found
    render_reports([found, found], as_json=True, single=False)
    document = json.loads(capsys.readouterr().out)
    assert (document["version"], len(document["reports"])) == (1, 2)


def test_notes_are_wrapped_not_cut():
    note = "forecast: about 12 calls that write, less than a minute (as fast as the last loads into it)"
    lines = plain(report(notes=(note,)))
    assert max(map(len, lines)) <= WIDTH
    start = next(i for i, line in enumerate(lines) if "forecast" in line)
    assert f"{lines[start].strip()} {lines[start + 1].strip()}" == note


def test_notes_beyond_the_room_end_with_a_mark():
    lines = plain(report(notes=("word " * 200,)))
    assert len(lines) <= MOST_LINES
    assert [line for line in lines if "word" in line][-1].endswith("…")
