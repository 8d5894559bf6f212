"""Show stage reports: at most a dozen lines of 80 columns each, or as JSON.

A line is a list of (text, style) pieces; the styles only add to what the words already say.
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from crmmigrate.cli.surroundings import silence
from crmmigrate.model.runs import BookLine, FindingCount, GateResult, StageReport

__all__ = ["WIDTH", "console", "print_wrapped", "render_reports", "report_lines"]

WIDTH = 80
MOST_LINES = 12
_COLUMNS = ("in", "changed", "flagged", "merged", "rejected", "excluded", "out")
_STYLES = {"flagged": "yellow", "rejected": "red"}
_SEVERITY = {"error": "red", "warning": "yellow", "info": "dim"}
_SHORTEST_NAME = 8


class _Stdout(Console):
    """A console that goes on in silence when nobody reads any more: the work is not cut off."""

    def on_broken_pipe(self) -> None:
        """Write to nowhere from now on."""
        silence()


def console() -> Console:
    """Return the console for stdout; off a terminal there is no colour, and lines never wrap."""
    return _Stdout(soft_wrap=True, highlight=False, markup=False, emoji=False)


def render_reports(reports: Sequence[StageReport], *, as_json: bool, single: bool) -> None:
    """Print reports to stdout.

    Args:
        reports: In the order in which the stages ran.
        as_json: One versioned JSON document instead of text.
        single: The document is the one report, not a list of reports; text ends with the
            next step in either case.
    """
    if as_json:
        documents = [report.to_json() for report in reports]
        whole = documents[0] if single else {"version": 1, "reports": documents}
        print(json.dumps(whole, ensure_ascii=False, indent=2, default=str))
        return
    out = console()
    for report in reports:
        for line in report_lines(report):
            out.print(line)


def print_wrapped(lines: Iterable[Text | str]) -> None:
    """Print running text on stdout, wrapped to 80 columns with a hanging indent."""
    out = console()
    for line in lines:
        text = line if isinstance(line, Text) else Text(line)
        leading = len(text.plain) - len(text.plain.lstrip())
        indent = leading + 2 if leading else 0
        for piece in _wrapped(text, indent):
            piece.rstrip()
            out.print(piece)


def _wrapped(text: Text, indent: int) -> Iterator[Text]:
    out = console()
    pieces = text.wrap(out, WIDTH)
    if len(pieces) < 2:
        yield text
        return
    yield pieces[0]
    rest = text[len(pieces[0].plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
    for piece in rest.wrap(out, WIDTH - indent):
        yield Text(" " * indent).append_text(piece)


def report_lines(report: StageReport) -> list[Text]:
    """Return what a person reads of one report, in at most a dozen lines."""
    head = [_title(report)]
    tail = list(_tail(report))
    gates = [_gate(gate) for gate in _gates_to_show(report.gates)]
    room = MOST_LINES - len(head) - len(tail) - len(gates)
    notes = [_clip(Text(f"  {note}")) for note in report.notes][: max(room // 4, 1)]
    findings = [_finding(f) for f in report.findings][: max((room - len(notes)) // 3, 1)]
    table = _table(report.books, room - len(notes) - len(findings))
    return [*head, *table, *findings, *notes, *gates, *tail]


def _title(report: StageReport) -> Text:
    failed = any(not gate.passed for gate in report.gates)
    line = Text(report.stage, style="bold")
    if report.skipped:
        line.append("  nothing has changed; kept", style="dim")
    elif failed:
        line.append("  gate failed", style="bold red")
    else:
        line.append("  done", style="green")
    if not report.skipped:
        line.append(f" in {_duration(report.seconds)}", style="dim")
    if report.run_id:
        line.append(f"  run {report.run_id}", style="dim")
    return _clip(line)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def _table(books: Sequence[BookLine], room: int) -> list[Text]:
    """Return header, rows and, where it is needed, one line for the rows that do not fit."""
    if not books or room < 2:
        return []
    places = room - 1
    shown, rest = (books, ()) if len(books) <= places else _biggest(books, places - 1)
    rows = [(line.object, line) for line in shown]
    if rest:
        rows.append((f"and {len(rest)} more", _sum(rest)))
    longest = max(len("object"), *(len(name) for name, _ in rows))
    widths = [max(len(c), *(len(_count(line, c)) for _, line in rows)) for c in _COLUMNS]
    gap = 2 if sum(widths) + 2 * len(widths) + min(longest, 20) <= WIDTH - 4 else 1
    widths = [width + gap for width in widths]
    name = min(longest, max(WIDTH - 4 - sum(widths), _SHORTEST_NAME))
    header = "  object".ljust(name + 2) + "".join(
        column.rjust(width) for column, width in zip(_COLUMNS, widths, strict=True)
    )
    return [Text(header, "dim"), *(_row(text, line, name, widths) for text, line in rows)]


def _count(line: BookLine, column: str) -> str:
    """Return one figure; from ten million on in millions, 0 as a dot."""
    number = getattr(line, {"in": "rows_in", "out": "rows_out"}.get(column, column))
    if number >= 10_000_000:
        return f"{number / 1_000_000:,.1f}M"
    return f"{number:,}" if number else "·"


def _biggest(
    books: Sequence[BookLine], places: int
) -> tuple[Sequence[BookLine], Sequence[BookLine]]:
    """Keep the lines that matter most: with rejects first, then the largest; order stays."""
    ranked = sorted(books, key=lambda line: (-line.rejected, -line.flagged, -line.rows_in))
    kept = {id(line) for line in ranked[: max(places, 0)]}
    return (
        [line for line in books if id(line) in kept],
        [line for line in books if id(line) not in kept],
    )


def _sum(lines: Sequence[BookLine]) -> BookLine:
    names = ("rows_in", "rows_out", "changed", "flagged", "merged", "rejected", "excluded")
    return BookLine("", **{name: sum(getattr(line, name) for line in lines) for name in names})


def _row(name: str, line: BookLine, width: int, widths: Sequence[int]) -> Text:
    short = name if len(name) <= width else f"{name[: width - 1]}…"
    text = Text("  " + short.ljust(width))
    for column, size in zip(_COLUMNS, widths, strict=True):
        count = _count(line, column)
        text.append(count.rjust(size), style="dim" if count == "·" else _STYLES.get(column, ""))
    if not line.balanced:
        text.append(" !", style="bold red")
    return text


def _finding(finding: FindingCount) -> Text:
    text = Text("  ")
    text.append(finding.severity.ljust(8), style=_SEVERITY.get(finding.severity, ""))
    text.append(finding.code, style="bold")
    text.append(f" {finding.name.replace('_', ' ')}")
    return _clip(text.append(f"  {finding.count:,}"))


def _gates_to_show(gates: Sequence[GateResult]) -> Sequence[GateResult]:
    """Show failed gates one by one (three at most), passed ones not at all."""
    return [gate for gate in gates if not gate.passed][:3]


def _gate(gate: GateResult) -> Text:
    text = Text("  gate    ", style="bold red")
    text.append(f"{gate.name}: {gate.actual}", style="red")
    return _clip(text.append(f" (allowed {gate.limit})"))


def _tail(report: StageReport) -> Iterator[Text]:
    if report.gates and all(gate.passed for gate in report.gates):
        count = len(report.gates)
        yield Text(f"  {count} gate{'s' if count > 1 else ''} passed", style="green")
    if report.artifacts:
        yield Text("  artifacts: ").append(_short_path(report.artifacts), style="cyan")
    if report.next_command:
        yield Text("next: ").append(report.next_command, style="bold cyan")


def _short_path(path: str) -> str:
    """Return the path as seen from here where that is shorter."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return relative if len(relative) < len(path) else path


def _clip(text: Text) -> Text:
    text.truncate(WIDTH, overflow="ellipsis")
    return text
