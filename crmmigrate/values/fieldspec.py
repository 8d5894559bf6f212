"""Read `COLUMN=TYPE` as the commands for single files take it."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crmmigrate.errors import UsageError
from crmmigrate.model.semantic import INPUT_PARTS, PARTS, SemanticType
from crmmigrate.values.type_names import TYPE_NAMES, find_type

__all__ = ["FieldSpec", "check_columns", "field_groups", "parse_field"]

_HINT = (
    "write COLUMN=TYPE, COLUMN=TYPE.PART or COLUMN=NAME:TYPE, for example 'Tel=phone', "
    "'Vorname=person_name.given' or 'mobile=home:phone'"
)
_MOST_LISTED = 30


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What one column of a file means.

    Attributes:
        column: Column of the file.
        name: Name of the value; columns with parts of one name and type make one value.
        type: Semantic type.
        part: Part of the type that the column holds; None is the whole value.
    """

    column: str
    name: str
    type: SemanticType
    part: str | None = None


def parse_field(text: str) -> FieldSpec:
    """Read one `COLUMN=TYPE`, `COLUMN=TYPE.PART`, `COLUMN=NAME:TYPE` or `COLUMN=NAME:TYPE.PART`.

    The last `=` divides, so a column name may hold one. Without NAME, a part belongs to the value
    named after its type and a whole value is named after its column.

    Raises:
        UsageError: the text has another shape, or the type or part is unknown.
    """
    column, found, meaning = text.rpartition("=")
    column, meaning = column.strip(), meaning.strip()
    if not found or not column or not meaning:
        raise UsageError(f"field '{text}' is not COLUMN=TYPE", hint=_HINT)
    name, named, kind = meaning.rpartition(":")
    name, kind = name.strip(), kind.strip()
    if named and not name:
        raise UsageError(f"field '{text}' has an empty name before ':'", hint=_HINT)
    word, divided, part = kind.partition(".")
    type_, own = _type(word, text)
    if divided:
        _check_part(type_, part, text)
    part = part or own
    named_after = str(type_) if divided or own else column
    return FieldSpec(column, name or named_after, type_, part or None)


def _type(word: str, text: str) -> tuple[SemanticType, str]:
    found = find_type(word)
    if found is None:
        raise UsageError(
            f"field '{text}': unknown type '{word}'{_meant(word, TYPE_NAMES)}",
            hint=f"types are {', '.join(TYPE_NAMES)}",
        )
    return found


def _check_part(kind: SemanticType, part: str, text: str) -> None:
    known = tuple(dict.fromkeys((*INPUT_PARTS.get(kind, ()), *PARTS.get(kind, ()))))
    if part in known:
        return
    if not known:
        raise UsageError(f"field '{text}': {kind} has no parts", hint=f"write '{kind}' alone")
    raise UsageError(
        f"field '{text}': {kind} has no part '{part}'{_meant(part, known)}",
        hint=f"parts of {kind} are {', '.join(known)}",
    )


def _meant(wrong: str, known: Iterable[str]) -> str:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.6)
    return f"; did you mean '{folded[near[0]]}'?" if near else ""


def field_groups(specs: Iterable[FieldSpec]) -> Mapping[str, tuple[FieldSpec, ...]]:
    """Return the columns of each value by its name, in order.

    Raises:
        UsageError: one column is named twice, one name has two types, or one part two columns.
    """
    groups: dict[str, list[FieldSpec]] = {}
    columns: set[str] = set()
    for spec in specs:
        if spec.column in columns:
            raise UsageError(f"column '{spec.column}' is given twice", hint="name each column once")
        columns.add(spec.column)
        group = groups.setdefault(spec.name, [])
        for other in group:
            _check_together(other, spec)
        group.append(spec)
    return {name: tuple(group) for name, group in groups.items()}


def _check_together(one: FieldSpec, other: FieldSpec) -> None:
    if one.type is not other.type:
        raise UsageError(
            f"'{one.name}' is both {one.type} and {other.type}",
            hint="give the second value a name of its own: COLUMN=NAME:TYPE",
        )
    if one.part == other.part:
        what = f"{one.type}.{one.part}" if one.part else f"the whole {one.type}"
        raise UsageError(
            f"columns '{one.column}' and '{other.column}' are both {what} of '{one.name}'",
            hint=f"tell two values apart by name: '{other.column}=NAME:{other.type}'",
        )


def check_columns(specs: Iterable[FieldSpec], columns: Iterable[str], where: str) -> None:
    """Refuse columns that the file does not have.

    Raises:
        UsageError: with the nearest name, and all of them.
    """
    known = list(columns)
    for spec in specs:
        if spec.column not in known:
            meant = _meant(spec.column, known)
            raise UsageError(
                f"there is no column '{spec.column}'{meant}",
                where=where,
                hint=f"the columns are {_listed(known)}",
            )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "")
