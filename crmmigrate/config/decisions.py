"""Read and write `decisions/<object>.csv`: what people decided about pairs of records."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crmmigrate.config.hand_files import hand_text, read_hand_file, read_hand_files
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.model.decisions import DECIDED, DECISION_COLUMNS, Decision

__all__ = ["DECISIONS_FOLDER", "decisions_text", "read_decisions"]

DECISIONS_FOLDER = "decisions"
_HINT = "judgement is match or no_match; keys are those of `trace`"


def read_decisions(
    root: Path, objects: Iterable[str], problems: Problems
) -> Mapping[str, tuple[Decision, ...]]:
    """Read the decisions of a project; there need not be any.

    Args:
        root: Folder of the project.
        objects: Objects that are deduplicated.
        problems: Takes what is wrong.
    """
    return read_hand_files(
        root / DECISIONS_FOLDER, objects, "object that is deduplicated", _read, problems
    )


def _read(path: Path, shown: str) -> tuple[Decision, ...]:
    return read_hand_file(path, shown, DECISION_COLUMNS, DECISION_COLUMNS[:3], _decision, _HINT)


def _decision(cells: Sequence[str]) -> Decision | str | None:
    key_a, key_b, judgement, why = cells
    if not (key_a or key_b or judgement):
        return None
    if not key_a or not key_b:
        return "a key is missing"
    if key_a == key_b:
        return f"both keys are '{key_a}'"
    if judgement not in DECIDED:
        return f"'{judgement}' is no judgement{did_you_mean(judgement, DECIDED)}"
    return Decision(key_a, key_b, judgement, why)


def decisions_text(decisions: Sequence[Decision]) -> str:
    """Return the content of a file of decisions."""
    rows = ((d.key_a, d.key_b, d.judgement, d.why) for d in decisions)
    return hand_text(DECISION_COLUMNS, rows)
