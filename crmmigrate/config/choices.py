"""Read and write `conflicts/<object>.csv`: whose value people have chosen."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from crmmigrate.config.hand_files import hand_text, read_hand_file, read_hand_files
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.model.choices import CHOICE_COLUMNS, KEEPS, Choice

__all__ = ["CHOICES_FOLDER", "choices_text", "read_choices"]

CHOICES_FOLDER = "conflicts"
_HINT = "keep is ours or theirs; `crmmigrate decide` writes the file"


def read_choices(
    root: Path, objects: Iterable[str], problems: Problems
) -> Mapping[str, tuple[Choice, ...]]:
    """Read the choices of a project; there need not be any."""
    return read_hand_files(root / CHOICES_FOLDER, objects, "object", _read, problems)


def _read(path: Path, shown: str) -> tuple[Choice, ...]:
    return read_hand_file(path, shown, CHOICE_COLUMNS, CHOICE_COLUMNS[:4], _choice, _HINT)


def _choice(cells: Sequence[str]) -> Choice | str | None:
    key, field, keep, of, why = cells
    if not (key or field or keep):
        return None
    if not key or not field:
        return f"the {'field' if key else 'key'} is missing"
    if keep not in KEEPS:
        return f"'{keep}' cannot be kept{did_you_mean(keep, KEEPS)}"
    return Choice(key, field, keep, of, why)


def choices_text(choices: Sequence[Choice]) -> str:
    """Return the content of a file of choices."""
    return hand_text(CHOICE_COLUMNS, ((c.key, c.field, c.keep, c.of, c.why) for c in choices))
