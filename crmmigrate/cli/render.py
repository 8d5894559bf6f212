"""Show stage reports: at most a dozen lines of 80 columns each, or as JSON.

A line is a list of (text, style) pieces; the styles only add to what the words already say.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from crmmigrate.cli.surroundings import silence
from crmmigrate.model.runs import FindingCount, GateResult, StageReport

__all__ = [
    "WIDTH",
    "console",
    "finding_line",
    "note_lines",
    "plan_actions",
    "print_document",
    "print_wrapped",
    "render_reports",
    "report_lines",
    "tail_lines",
    "title_line",
]

WIDTH = 80
MOST_LINES = 12
_ACTIONS = (
    ("+", "create"),
    ("~", "update"),
    ("&", "link"),
    ("-", "delete"),
    (">", "merge-redirect"),
    ("!", "conflict"),
    ("=", "unchanged"),
)
"""Sign and action: the columns of a plan; the first two and the last are always there."""
_COLUMNS = ("in", "changed", "flagged", "merged", "rejected", "excluded", "out")
_STYLES = {
    "flagged": "yellow",
    "rejected": "red",
    "+ create": "green",
    "~ update": "yellow",
    "= link": "cyan",
    "- delete": "red",
    "> merge-redirect": "blue",
    "! conflict": "magenta",
}
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
        print_document(whole)
        return
    out = console()
    for report in reports:
        for line in report_lines(report):
            out.print(line)


def print_document(document: Mapping[str, object]) -> None:
    """Print one JSON document on stdout."""
    print(json.dumps(document, ensure_ascii=False, indent=2, default=str))


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
    head = [title_line(report)]
    tail = list(tail_lines(report))
    gates = [_gate(gate) for gate in _gates_to_show(report.gates)]
    room = MOST_LINES - len(head) - len(tail) - len(gates)
    notes = [line for note in report.notes for line in note_lines(note)]
    share = min(len(notes), max(room // 3, 1))
    findings = [finding_line(f) for f in report.findings][: max((room - share) // 3, 1)]
    table = _table(_rows(report), room - share - len(findings))
    notes = _cut(notes, max(room - len(findings) - len(table), 1))
    return [*head, *table, *findings, *notes, *gates, *tail]


def note_lines(note: str) -> list[Text]:
    """Return a note on as many lines of 80 columns as it needs."""
    lines = [_clip(line) for line in _wrapped(Text(f"  {note}"), 4)]
    for line in lines:
        line.rstrip()
    return lines


def _cut(lines: list[Text], most: int) -> list[Text]:
    """Keep the first lines; the last one says whether there are more."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    kept[-1] = _clip(kept[-1].append(" …"))
    if not kept[-1].plain.endswith("…"):
        kept[-1] = _clip(kept[-1].append("…" * WIDTH))
    return kept


def title_line(report: StageReport) -> Text:
    """Return the line that says which stage this is and how it ended."""
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


@dataclass(frozen=True)
class _Row:
    """One object in the table of a report.

    Attributes:
        name: The object.
        counts: Column → rows.
        weight: The heavier it is, the sooner it is shown.
        balanced: Whether the books balance.
    """

    name: str
    counts: Mapping[str, int]
    weight: tuple[int, ...]
    balanced: bool = True


def plan_actions(counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield the actions of an object in a plan with their records; those without any are left out.

    Args:
        counts: As the plan reports them; what is no action is passed over.
    """
    yield from ((name, counts[name]) for _, name in _ACTIONS if counts.get(name))


def _rows(report: StageReport) -> list[_Row]:
    """Return the rows of the table: of a plan by action, else the books."""
    actions: Mapping[str, Mapping[str, int]] = report.facts.get("actions") or {}
    if report.stage == "plan" and actions:
        found = {object_: dict(plan_actions(counts)) for object_, counts in actions.items()}
        present = {name for counts in found.values() for name in counts}
        columns = [
            (sign, name)
            for sign, name in _ACTIONS
            if name in present or name in {"create", "update", "unchanged"}
        ]
        return [
            _Row(
                object_,
                {f"{sign} {name}": counts.get(name, 0) for sign, name in columns},
                (-sum(n for name, n in counts.items() if name != "unchanged"),),
            )
            for object_, counts in found.items()
        ]
    return [
        _Row(
            line.object,
            {c: getattr(line, {"in": "rows_in", "out": "rows_out"}.get(c, c)) for c in _COLUMNS},
            (-line.rejected, -line.flagged, -line.rows_in),
            line.balanced,
        )
        for line in report.books
    ]


def _table(rows: Sequence[_Row], room: int) -> list[Text]:
    """Return header, rows and, where it is needed, one line for the rows that do not fit."""
    if not rows or room < 2:
        return []
    places = room - 1
    shown, rest = (rows, ()) if len(rows) <= places else _biggest(rows, places - 1)
    lines = [*shown, *([_sum(rest)] if rest else [])]
    columns = list(rows[0].counts)
    longest = max(len("object"), *(len(row.name) for row in lines))
    widths = [max(len(c), *(len(_count(row.counts[c])) for row in lines)) for c in columns]
    gap = 2 if sum(widths) + 2 * len(widths) + min(longest, 20) <= WIDTH - 4 else 1
    widths = [width + gap for width in widths]
    name = min(longest, max(WIDTH - 4 - sum(widths), _SHORTEST_NAME))
    header = "  object".ljust(name + 2) + "".join(
        column.rjust(width) for column, width in zip(columns, widths, strict=True)
    )
    return [Text(header, "dim"), *(_row(row, name, widths) for row in lines)]


def _count(number: int) -> str:
    """Return one figure; from ten million on in millions, 0 as a dot."""
    if number >= 10_000_000:
        return f"{number / 1_000_000:,.1f}M"
    return f"{number:,}" if number else "·"


def _biggest(rows: Sequence[_Row], places: int) -> tuple[Sequence[_Row], Sequence[_Row]]:
    """Keep the lines that matter most: with rejects first, then the largest; order stays."""
    ranked = sorted(rows, key=lambda row: row.weight)
    kept = {id(row) for row in ranked[: max(places, 0)]}
    return (
        [row for row in rows if id(row) in kept],
        [row for row in rows if id(row) not in kept],
    )


def _sum(rows: Sequence[_Row]) -> _Row:
    sums = {c: sum(row.counts[c] for row in rows) for c in rows[0].counts}
    return _Row(f"and {len(rows)} more", sums, (), all(row.balanced for row in rows))


def _row(row: _Row, width: int, widths: Sequence[int]) -> Text:
    short = row.name if len(row.name) <= width else f"{row.name[: width - 1]}…"
    text = Text("  " + short.ljust(width))
    for (column, number), size in zip(row.counts.items(), widths, strict=True):
        count = _count(number)
        text.append(count.rjust(size), style="dim" if count == "·" else _STYLES.get(column, ""))
    if not row.balanced:
        text.append(" !", style="bold red")
    return text


def finding_line(finding: FindingCount) -> Text:
    """Return how often a rule fired."""
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
    allowed = f" (allowed {gate.limit})"
    return _clip(text.append(allowed if len(text.plain) + len(allowed) <= WIDTH else ""))


def tail_lines(report: StageReport) -> Iterator[Text]:
    """Yield the lines that end a report: gates, artifacts, the next step."""
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
