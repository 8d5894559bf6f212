"""What `clean` prints: at most a dozen lines, or one JSON document."""

import json
import sys

from crmmigrate.stages.clean import CleanReport, ValueReport

__all__ = ["report_document", "show_report"]

_VERSION = 1
_MOST_VALUES = 4
_MOST_FINDINGS = 3
_MOST_NOTES = 2
_WIDTH = 80


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
    aside = [f"{report.rejected:,} rejected"] if report.rejected else []
    aside += [f"{count:,} {rule}" for rule, count in report.excluded.items()]
    beside = f" ({', '.join(aside)})" if aside else ""
    lines = [_shortened(f"clean: {_count(report.rows, 'row')}{beside}", _WIDTH)]
    lines += [_value_line(value) for value in report.values[:_MOST_VALUES]]
    if len(report.values) > _MOST_VALUES:
        lines.append(f"  and {len(report.values) - _MOST_VALUES} more; --json tells all")
    for finding in report.findings[:_MOST_FINDINGS]:
        lines.append(f"  {finding.code} {finding.name}: {finding.count:,} ({finding.severity})")
    lines += [_shortened(f"  {each}", _WIDTH) for each in report.evidence[:_MOST_NOTES]]
    lines += [_shortened(f"  warning: {note}", _WIDTH) for note in report.notes[:_MOST_NOTES]]
    lines.append(f"written: {report.output}")
    if report.changes:
        lines.append(f"written: {report.changes} ({_count(report.logged, 'cell')})")
    if report.findings:
        lines.append(f"next: crmmigrate explain {report.findings[0].code}")
    else:
        lines.append(f"next: crmmigrate match {report.output} --help")
    return lines


def _value_line(value: ValueReport) -> str:
    counts = ", ".join(f"{count:,} {status}" for status, count in value.statuses.items())
    columns = _shortened(" + ".join(value.columns), _WIDTH // 2 - len(value.type))
    return _shortened(f"  {columns} ({value.type}): {counts or 'no values'}", _WIDTH)


def _shortened(text: str, width: int) -> str:
    """Return one line of at most so many characters."""
    line = "".join(sign if sign.isprintable() else " " for sign in text)
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
