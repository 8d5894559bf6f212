"""Read and write `decisions/<object>.csv`: what people decided about pairs of records."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import ConfigError
from crmmigrate.model.decisions import DECIDED, DECISION_COLUMNS, Decision

__all__ = ["DECISIONS_FOLDER", "decisions_text", "read_decision_file", "read_decisions"]

DECISIONS_FOLDER = "decisions"
_NEEDED = DECISION_COLUMNS[:3]


def read_decisions(
    root: Path, objects: Iterable[str], problems: Problems
) -> Mapping[str, tuple[Decision, ...]]:
    """Read the decisions of a project; there need not be any.

    Args:
        root: Folder of the project.
        objects: Objects that are deduplicated.
        problems: Takes what is wrong.
    """
    known, found = list(objects), dict[str, tuple[Decision, ...]]()
    for path in sorted((root / DECISIONS_FOLDER).glob("*.csv")):
        shown = f"{DECISIONS_FOLDER}/{path.name}"
        if path.stem not in known:
            near = did_you_mean(path.stem, known)
            problems.add(shown, f"'{path.stem}' is no object that is deduplicated{near}")
            continue
        try:
            found[path.stem] = read_decision_file(path, shown=shown)
        except ConfigError as exc:
            problems.absorb(exc)
    return MappingProxyType(found)


def read_decision_file(path: Path, *, shown: str) -> tuple[Decision, ...]:
    """Read one file of decisions.

    Args:
        path: CSV in UTF-8 with the columns of DECISION_COLUMNS; `why` may be missing.
        shown: How errors name the file.

    Raises:
        ConfigError: anything in it is wrong; every mistake with file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"cannot be read as UTF-8 text: {exc}", where=shown) from None
    problems = Problems()
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    decisions: list[Decision] = []
    try:
        missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise ConfigError(
                f"the column {missing[0]} is missing",
                where=f"{shown}:1",
                hint=f"the first line is {','.join(DECISION_COLUMNS)}",
            )
        for row in reader:
            found = _decision(row, f"{shown}:{reader.line_num}", problems)
            decisions += [found] if found else []
    except csv.Error as exc:
        raise ConfigError(f"is no CSV: {exc}", where=f"{shown}:{reader.line_num}") from None
    problems.raise_if_any(hint="judgement is match or no_match; keys are those of `trace`")
    return tuple(decisions)


def _decision(
    row: Mapping[str | None, str | None], where: str, problems: Problems
) -> Decision | None:
    key_a, key_b, judgement, why = ((row.get(c) or "").strip() for c in DECISION_COLUMNS)
    if not (key_a or key_b or judgement):
        return None
    if None in row:
        problems.add(where, "there are more cells than columns")
    elif not key_a or not key_b:
        problems.add(where, "a key is missing")
    elif key_a == key_b:
        problems.add(where, f"both keys are '{key_a}'")
    elif judgement not in DECIDED:
        near = did_you_mean(judgement, DECIDED)
        problems.add(where, f"'{judgement}' is no judgement{near}")
    else:
        return Decision(key_a, key_b, judgement, why)
    return None


def decisions_text(decisions: Sequence[Decision]) -> str:
    """Return the content of a file of decisions."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(DECISION_COLUMNS)
    writer.writerows((d.key_a, d.key_b, d.judgement, d.why) for d in decisions)
    return out.getvalue()
