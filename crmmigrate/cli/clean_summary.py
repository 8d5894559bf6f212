"""What `clean` prints: at most a dozen lines, or one JSON document."""

import json
import sys
from textwrap import wrap

from crmmigrate.stages.clean import CleanReport, ValueReport

__all__ = ["report_document", "show_report"]

_VERSION = 1
_MOST_VALUES = 4
_MOST_FINDINGS = 3
_MOST_NOTES = 2
_MOST_LINES = 12
_WIDTH = 80
_TOLD_FIRST = ("ambiguous", "invalid", "left_alone", "split", "repaired", "normalised", "unchanged")


def show_report(report: CleanReport, *, as_json: bool) -> None:
    """Print the report on stdout, and a warning about unreadable rows on stderr."""
    if as_json:
        print(json.dumps(report_document(report), ensure_ascii=False, indent=1))
    else:
        print("\n".join(_lines(report)))
    if report.rejected:
        rows = _count(report.rejected, "row")
        sys.stderr.write(f"warning: {rows} could not be read; see {report.set_aside}\n")


def report_document(report: CleanReport) -> dict[str, object]:
    """Return the versioned document that `--json` prints."""
    return {
        "version": _VERSION,
        "command": "clean",
        "rows": report.rows,
        "rejected": report.rejected,
        "excluded": dict(report.excluded),
        "fields": [
            {
                "name": v.name,
                "type": v.type,
                "columns": list(v.columns),
                "statuses": dict(v.statuses),
            }
            for v in report.values
        ],
        "findings": [
            {"code": f.code, "name": f.name, "severity": f.severity, "count": f.count}
            for f in report.findings
        ],
        "detected": dict(report.detected),
        "notes": list(report.notes),
        "evidence": list(report.evidence),
        "output": str(report.output),
        "changes_output": str(report.changes) if report.changes else None,
        "changed_or_doubtful": report.logged,
        "rejected_output": str(report.set_aside) if report.set_aside else None,
    }


def _lines(report: CleanReport) -> list[str]:
    """Return what a person reads, in at most a dozen lines: the least needed is left out first."""
    aside = [f"{report.rejected:,} rejected"] if report.rejected else []
    aside += [f"{count:,} {rule}" for rule, count in report.excluded.items()]
    beside = f" ({', '.join(aside)})" if aside else ""
    head = [_shortened(f"clean: {_count(report.rows, 'row')}{beside}", _WIDTH), *_read_as(report)]
    tail = _tail(report)
    room = _MOST_LINES - len(head) - len(tail) - bool(report.rejected)
    wanted = [_MOST_VALUES, _MOST_NOTES, _MOST_FINDINGS, _MOST_NOTES]
    middle = _middle(report, wanted)
    for part, least in ((3, 0), (2, 1), (1, 1), (0, 1), (2, 0), (1, 0)):
        while len(middle) > room and wanted[part] > least:
            wanted[part] -= 1
            middle = _middle(report, wanted)
    return [*head, *middle, *tail]


def _middle(report: CleanReport, wanted: list[int]) -> list[str]:
    """Return so many values, warnings, findings and proofs, and how many more there are."""
    values, notes, findings, proofs = wanted
    lines = [line for value in report.values[:values] for line in _value_lines(value)]
    lines += _more(len(report.values) - values, "field")
    for note in report.notes[:notes]:
        lines += _wrapped(f"  warning: {note}")
    lines += _more(len(report.notes) - notes, "warning")
    for finding in report.findings[:findings]:
        lines.append(f"  {finding.code} {finding.name}: {finding.count:,} ({finding.severity})")
    lines += _more(len(report.findings) - findings, "code")
    return lines + [_shortened(f"  {each}", _WIDTH) for each in report.evidence[:proofs]]


def _more(number: int, noun: str) -> list[str]:
    return [f"  and {_count(number, f'more {noun}')}; --json tells all"] if number > 0 else []


def _read_as(report: CleanReport) -> list[str]:
    """Say how the file was read where that was a guess, and which columns got other names."""
    encoding = report.detected.get("encoding", "")
    guessed = "(" in encoding and not encoding.startswith("utf-8")
    told = [f"read as {encoding}"] if guessed else []
    told += [f"renamed {names}" for names in [report.detected.get("renamed")] if names]
    return _wrapped(f"  {'; '.join(told)}") if told else []


def _tail(report: CleanReport) -> list[str]:
    lines = [f"written: {report.output}"]
    if report.changes:
        lines.append(f"written: {report.changes} ({_count(report.logged, 'cell')})")
    elif any(value.statuses.get("ambiguous") for value in report.values):
        lines.append("  what ambiguous cells may be: --changes FILE names it, cell by cell")
    if report.findings:
        return [*lines, f"next: crmmigrate explain {report.findings[0].code}"]
    return [*lines, f"next: crmmigrate match {report.output} --help"]


def _value_lines(value: ValueReport) -> list[str]:
    """Return how one value came out, what needs a look first."""
    known = [status for status in _TOLD_FIRST if status in value.statuses]
    order = [*known, *(status for status in value.statuses if status not in known)]
    counts = ", ".join(f"{value.statuses[status]:,} {status}" for status in order)
    columns = _shortened(" + ".join(value.columns), _WIDTH // 2 - len(value.type))
    return _wrapped(f"  {columns} ({value.type}): {counts or 'no values'}")


def _wrapped(text: str) -> list[str]:
    """Return a text in at most two lines; the second stands further in."""
    line = _shortened(text, _WIDTH * 2)
    if len(line) <= _WIDTH:
        return [line]
    first, *rest = wrap(line, _WIDTH, subsequent_indent="    ", replace_whitespace=False)
    return [first, _shortened(f"    {' '.join(piece.strip() for piece in rest)}", _WIDTH)]


def _shortened(text: str, width: int) -> str:
    """Return one line of at most so many characters."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
