"""Read and write `corrections/<object>.csv`: what people put right in single records."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from crmmigrate.config.hand_files import hand_text, read_hand_file, read_hand_files
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.model.canonical import CanonicalModel, ObjectType
from crmmigrate.model.corrections import CLEAR, CORRECTION_COLUMNS, Correction
from crmmigrate.model.semantic import SemanticType

__all__ = ["CORRECTIONS_FOLDER", "correction_problem", "corrections_text", "read_corrections"]

CORRECTIONS_FOLDER = "corrections"
_HINT = f"value is what the field shall hold, {CLEAR} for nothing; keys are those of `trace`"


def read_corrections(
    root: Path, model: CanonicalModel, problems: Problems
) -> Mapping[str, tuple[Correction, ...]]:
    """Read the corrections of a project; there need not be any."""

    def read(path: Path, shown: str) -> tuple[Correction, ...]:
        made = partial(_correction, model.objects[path.stem])
        return read_hand_file(path, shown, CORRECTION_COLUMNS, CORRECTION_COLUMNS[:3], made, _HINT)

    return read_hand_files(root / CORRECTIONS_FOLDER, model.objects, "object", read, problems)


def _correction(object_type: ObjectType, cells: Sequence[str]) -> Correction | str | None:
    key, field, value, why = cells
    if not (key or field or value):
        return None
    problem = correction_problem(object_type, key, field, value)
    return problem or Correction(key, field, value, why)


def correction_problem(object_type: ObjectType, key: str, field: str, value: str) -> str:
    """Return what is wrong with a correction, or an empty text."""
    if not key:
        return "the key is missing"
    if field not in object_type.fields:
        near = did_you_mean(field, object_type.fields)
        return f"unknown field '{field}' of {object_type.name}{near}"
    if object_type.fields[field].type is SemanticType.BINARY:
        return f"'{field}' holds bytes, which no text can correct"
    return "" if value else f"the value is missing; {CLEAR} empties the field"


def corrections_text(corrections: Sequence[Correction]) -> str:
    """Return the content of a file of corrections."""
    return hand_text(CORRECTION_COLUMNS, ((c.key, c.field, c.value, c.why) for c in corrections))
