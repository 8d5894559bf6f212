"""Where the column names of a table stand, and what the columns are called."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crmmigrate.adapters.batches import RESERVED
from crmmigrate.model.canonical import RESERVED_COLUMNS

__all__ = ["ColumnNames", "find_header", "is_blank", "name_columns", "usual_width"]

_LOOKED_AT = 50
_LONGEST_LABEL = 64


@dataclass(frozen=True, slots=True)
class ColumnNames:
    """Names that are unique, and what had to be renamed (`old → new`)."""

    names: tuple[str, ...]
    renamed: tuple[str, ...] = ()


def is_blank(cell: str | None) -> bool:
    """Tell whether a cell holds nothing to read."""
    return cell is None or not cell.strip()


def find_header(rows: Sequence[Sequence[str | None]]) -> int:
    """Return the index of the row with the column names.

    It is the first row that is filled over more than half the width of the table and mostly holds
    labels, or over exactly half of it with nothing but labels. Where there is none, it is the first row that is not blank.
    """
    rows = rows[:_LOOKED_AT]
    filled = [sum(not is_blank(cell) for cell in row) for row in rows]
    if not any(filled):
        return 0
    width = min(usual_width(rows), max(filled))
    for index, row in enumerate(rows):
        if filled[index] * 2 > width and _looks_like_labels(row):
            return index
        if filled[index] * 2 == width and filled[index] > 1 and _are_names(row):
            return index
    return next(index for index, count in enumerate(filled) if count)


def name_columns(cells: Sequence[str | None]) -> ColumnNames:
    """Return a unique name for every column.

    A blank name becomes `column_<n>`, a repeated one `name_2`, and so does a name that the tool
    needs for itself.
    """
    taken = {*RESERVED, *RESERVED_COLUMNS}
    wanted = [" ".join((cell or "").split()) or f"column_{i}" for i, cell in enumerate(cells, 1)]
    names: list[str] = []
    renamed: list[str] = []
    for index, (cell, name) in enumerate(zip(cells, wanted, strict=True)):
        unique, number = name, 2
        while unique in taken or (unique != name and unique in wanted):
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique)
        names.append(unique)
        if unique != name:
            renamed.append(f"{name} → {unique} (column {index + 1})")
        elif is_blank(cell):
            renamed.append(f"column {index + 1} → {unique}")
    return ColumnNames(tuple(names), tuple(renamed))


def usual_width(rows: Sequence[Sequence[str | None]]) -> int:
    """Return how many cells a row of the table has: that of most rows, the wider one of equals."""
    counts = Counter(len(row) for row in rows if not all(map(is_blank, row)))
    return max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))[0]


def _looks_like_labels(row: Sequence[str | None]) -> bool:
    cells = [cell.strip() for cell in row if cell is not None and cell.strip()]
    labels = [c for c in cells if len(c) <= _LONGEST_LABEL and "@" not in c and _has_letter(c)]
    return len(labels) * 2 >= len(cells) and len(set(cells)) * 2 > len(cells)


def _are_names(row: Sequence[str | None]) -> bool:
    """Tell whether all that is filled are different labels, as where half the names are missing."""
    cells = [cell.strip() for cell in row if cell is not None and cell.strip()]
    short = all(len(c) <= _LONGEST_LABEL and "@" not in c and _has_letter(c) for c in cells)
    return short and len(set(cells)) == len(cells)


def _has_letter(cell: str) -> bool:
    return any(char.isalpha() for char in cell)
