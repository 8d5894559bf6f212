"""Show a plan as a person reads it: a few records of each object, the order, one summary line.

Marks say what colours only repeat: `+` is created, `~` changed, `&` taken over, `-` deleted, `>` merged
into another, `!` in conflict, `=` left.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from crmmigrate.cli.render import WIDTH, console, plan_actions, print_wrapped
from crmmigrate.model.counting import counted
from crmmigrate.model.operations import Action
from crmmigrate.model.runs import StageReport

__all__ = [
    "MARKS",
    "change_line",
    "print_records",
    "records_shown",
    "summary_line",
    "three_sides",
]

MARKS: Mapping[str, tuple[str, str, str]] = {
    Action.CREATE.value: ("+", "green", "to create"),
    Action.UPDATE.value: ("~", "yellow", "to update"),
    Action.LINK.value: ("&", "cyan", "to link"),
    Action.DELETE.value: ("-", "red", "to delete"),
    Action.PURGE.value: ("-", "red", "to remove"),
    Action.REDIRECT.value: (">", "blue", "merged away"),
    Action.CONFLICT.value: ("!", "magenta", "in conflict"),
    Action.UNCHANGED.value: ("=", "dim", "unchanged"),
}
"""Action → sign, colour, words."""
_ALWAYS = (Action.CREATE, Action.UPDATE, Action.UNCHANGED)
_OTHER = ("*", "", "")
_FEW_GROUPS, _SOME_GROUPS = 4, 7
_SELECTED = 20
"""Records of an object and action that are shown of what is selected."""
_FIELDS = 5
_NAME = 24
_BLANK = "(blank)"
_ARROW = " -> "


def records_shown(actions: Mapping[str, Mapping[str, int]], select: Sequence[str]) -> int:
    """Return how many records of each object and action are shown, the fewer the more groups."""
    if select:
        return _SELECTED
    groups = sum(
        1
        for counts in actions.values()
        for action, _ in plan_actions(counts)
        if action != Action.UNCHANGED.value
    )
    return 3 if groups <= _FEW_GROUPS else 2 if groups <= _SOME_GROUPS else 1


def print_records(
    report: StageReport,
    records: Iterator[dict[str, Any]],
    *,
    all_fields: bool,
    most: int | None,
    select: Sequence[str],
) -> None:
    """Print records of a plan under a heading an object, and how many more there are.

    Args:
        report: Of the plan, for the counts.
        records: As `plan_records` yields them, object by object.
        all_fields: Show every field, not the first few.
        most: How many records of an object and action there are at most; None if all.
        select: Words that select records; a record's key makes the number of others unknown.
    """
    out = console()
    counts: Mapping[str, Mapping[str, int]] = report.facts["actions"]
    any_shown = False
    for (object_, second), of_object in groupby(
        records, key=lambda r: (r["object"], r.get("pass") == 2)
    ):
        any_shown = True
        out.print(_heading(object_, counts[object_], second=second))
        for action, group in groupby(of_object, key=lambda r: r["action"]):
            shown = 0
            for record in group:
                for line in _record_lines(record, all_fields=all_fields):
                    out.print(line)
                if action == Action.REDIRECT.value:
                    out.print(_children(report, object_, record["key"]))
                shown += 1
            total = counts[object_]["second_pass" if second else action]
            keyed = any(word.count(":") > 1 for word in select)
            if most is not None and shown == most and total > shown and not keyed:
                out.print(Text(f"    and {total - shown:,} more {_words(action)}", "dim"))
    if any_shown and (not all_fields or most is not None):
        print_wrapped(["more: --select OBJECT or KEY, or --all"])


def summary_line(report: StageReport) -> Text:
    """Return the one line that says what the plan would do."""
    if not report.facts["pending"]:
        return Text(f"  {report.notes[0]}", "bold")
    text = Text("  plan: ", "bold")
    totals: Counter[str] = Counter({a.value: 0 for a in _ALWAYS})
    for counts in report.facts["actions"].values():
        totals.update(dict(plan_actions(counts)))
    in_order = [name for name in MARKS if name in totals]
    for number, name in enumerate(in_order):
        sign, colour, words = MARKS[name]
        text.append(", " if number else "")
        text.append(f"{sign} {totals[name]:,} {words}", colour)
    return text


def _heading(object_: str, counts: Mapping[str, int], *, second: bool) -> Text:
    text = Text("  ").append(object_, "bold")
    if second:
        return text.append(f"  second pass, {counted(counts['second_pass'], 'record')}")
    text.append("  ")
    for number, (action, rows) in enumerate(plan_actions(counts)):
        sign, colour, words = MARKS.get(action, _OTHER)
        text.append(", " if number else "")
        text.append(f"{sign} {rows:,} {words or action}", colour)
    return text


def _record_lines(record: Mapping[str, Any], *, all_fields: bool) -> Iterator[Text]:
    sign, colour, _ = MARKS.get(record["action"], _OTHER)
    yield (
        Text("    ")
        .append(f"{sign} ", f"bold {colour}")
        .append(_short(record["key"], WIDTH - 6), "bold")
    )
    fields = list(record["fields"].items())
    room = len(fields) if all_fields or len(fields) == _FIELDS + 1 else _FIELDS
    name = min(max((len(n) for n, _ in fields[:room]), default=0), _NAME)
    bases = record.get("base", {})
    for field, (before, after) in fields[:room]:
        if field in bases:
            yield from three_sides(field, bases[field], before, after)
        else:
            yield _field_line(field, name, before, after, record["action"])
    if len(fields) > room:
        yield Text(f"        and {len(fields) - room} more fields", "dim")


def _children(report: StageReport, object_: str, key: str) -> Text:
    """Tell which references are re-pointed from a record that was merged away."""
    counts = report.facts.get("redirected", {}).get(object_, {}).get(key, {})
    told = ", ".join(f"{name} of {rows:,}" for name, rows in counts.items())
    return Text(f"      re-pointed  {_short(told or 'nothing', WIDTH - 18)}", "dim")


def three_sides(
    field: str, base: str | None, theirs: str | None, ours: str | None
) -> Iterator[Text]:
    """Tell what a field in conflict held after the last load, holds now, and should hold."""
    yield Text(f"      {_short(field, WIDTH - 6)}")
    for side, value, colour in (
        ("last loaded", base, "dim"),
        ("theirs", theirs, "yellow"),
        ("ours", ours, "green"),
    ):
        line = Text(f"        {side:<11}  ")
        yield line.append(_short(value, WIDTH - line.cell_len), colour)


def _field_line(field: str, width: int, before: str | None, after: str | None, action: str) -> Text:
    line = Text("      ").append(_short(field, width).ljust(width)).append("  ")
    room = WIDTH - line.cell_len
    if action == Action.CREATE.value:
        return line.append(_short(after, room), "green")
    if action in {Action.DELETE.value, Action.PURGE.value}:
        return line.append(_short(before, room), "red")
    return change_line(field, width, before, after)


def change_line(field: str, width: int, before: str | None, after: str | None) -> Text:
    """Return `field  before -> after` within 80 columns; the field's name takes `width` of them."""
    line = Text("      ").append(_short(field, width).ljust(width)).append("  ")
    room = WIDTH - line.cell_len - len(_ARROW)
    old, new = _line(before), _line(after)
    old = _short(old, max(room // 2, room - cell_len(new)))
    new = _short(new, room - cell_len(old))
    return line.append(old, "red").append(_ARROW).append(new, "green")


def _line(value: str | None) -> str:
    """Return a value on one line: signs that would move the cursor are shown as blanks."""
    if value is None or value == "":
        return _BLANK
    return "".join(sign if sign.isprintable() else " " for sign in value)


def _short(value: str | None, width: int) -> str:
    """Return a value on one line of so many columns, of which some signs take two."""
    text = Text(_line(value))
    text.truncate(width, overflow="ellipsis")
    return text.plain


def _words(action: str) -> str:
    return MARKS.get(action, _OTHER)[2] or action
