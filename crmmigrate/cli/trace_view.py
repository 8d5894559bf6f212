"""Show a trace as text: the source row, then for each record its way, field by field."""

from collections.abc import Iterator

from rich.text import Text

from crmmigrate.model.tracing import FieldTrace, Member, RecordTrace, Trace, TracedFinding

__all__ = ["trace_lines"]

_NAME = 22


def trace_lines(found: Trace) -> Iterator[Text]:
    """Yield the lines of a trace."""
    yield Text.assemble((found.row_key, "bold"), (f"  {found.fate}  run {found.run_id}", "dim"))
    yield Text("source row", style="cyan")
    for column, value in found.source.items():
        if value is not None and value.strip():
            yield Text(f"  {column:<{_NAME}} {_plain(value)}")
    for finding in found.findings:
        yield _finding(finding)
    if not found.records:
        yield Text("no record was made of this row", style="dim")
    for record in found.records:
        yield from _record(record)


def _record(record: RecordTrace) -> Iterator[Text]:
    yield Text()
    yield Text.assemble(
        (f"{record.object}  ", "bold cyan"), record.key, (f"  {record.fate}", "bold")
    )
    for line in record.fields:
        yield from _field(line, record.key)
    if record.findings:
        yield Text("  findings", style="cyan")
    for finding in record.findings:
        yield _finding(finding)
    if record.members:
        yield Text("  merged with", style="cyan")
    for member in record.members:
        yield from _member(member)
    if record.operation:
        yield Text("  operation", style="cyan")
        yield Text(f"    {_operation(record)}")


def _field(line: FieldTrace, key: str) -> Iterator[Text]:
    """Yield one line with the last value, and how it came about where it was not taken over."""
    last = _last(line)
    yield Text.assemble(
        f"  {line.field:<{_NAME}} ", (_plain(last) if last is not None else "–", "bold")
    )
    steps: list[str] = []
    if line.mapped is not None and line.mapped != last:
        steps.append(f"source: {_plain(line.mapped)}")
    if line.standardized is not None and line.standardized not in {line.mapped, last}:
        steps.append(f"standardized: {_plain(line.standardized)}")
    if line.chosen_from and line.chosen_from != key:
        steps.append(f"from {line.chosen_from} ({line.chosen_by})")
    if line.was is not None and line.was != line.target:
        steps.append(f"target held: {_plain(line.was)}")
    if steps:
        yield Text(f"  {'':<{_NAME}}   {'; '.join(steps)}", style="dim")


def _last(line: FieldTrace) -> str | None:
    stages = (line.target, line.golden, line.standardized, line.mapped)
    return next((value for value in stages if value is not None), None)


def _finding(finding: TracedFinding) -> Text:
    text = Text(f"    {finding.stage:<12} ")
    text.append(finding.code, style="bold")
    text.append(f" {finding.action}")
    if finding.field:
        text.append(f" {finding.field}")
    if finding.before is not None or finding.after is not None:
        text.append(f": {_plain(finding.before or '–')} → {_plain(finding.after or '–')}")
    if finding.message:
        text.append(f"  {_plain(finding.message)}", style="dim")
    return text


def _member(member: Member) -> Iterator[Text]:
    score = "by way of other records" if member.score is None else f"score {member.score:+.1f}"
    yield Text(f"    {member.key}  {score} {member.judgement}".rstrip())
    for part in member.contributions:
        weight = part.get("weight") or 0.0
        values = f"{_plain(part.get('value_a') or '–')} ~ {_plain(part.get('value_b') or '–')}"
        yield Text(
            f"      {weight:+6.1f}  {part.get('feature')!s:<16} {part.get('level')!s:<12} {values}",
            style="dim",
        )


def _operation(record: RecordTrace) -> str:
    operation = record.operation
    words = [f"{operation.get('action')}", f"{operation.get('status') or 'planned'}"]
    if operation.get("target_id"):
        words.append(f"target id {operation['target_id']}")
    if operation.get("message"):
        words.append(f"{operation['message']}")
    return ", ".join(words)


def _plain(value: object) -> str:
    """Return a value on one line, without control characters that a terminal would obey."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text if len(text) <= 200 else f"{text[:200]}…"
