"""Standardize a single value and tell everything that is known of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.findings import Rule
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType, part_column
from crmmigrate.standardize.fields import FieldInput, FieldReading, read_field
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.standardize.match_keys import KEYED, MATCH_KEY
from crmmigrate.values.address_trace import TokenTrace, trace_address
from crmmigrate.values.type_names import TYPE_NAMES, find_type

__all__ = ["Attempt", "try_value"]


@dataclass(frozen=True)
class Attempt:
    """What came of one value.

    Attributes:
        kind: Its type, with a part behind a dot if only that was given.
        region: Region it was read in.
        before: What was given; parts behind each other.
        value: Canonical spelling.
        parts: Parts that are filled, and the match key of a name.
        status: unchanged, normalised, repaired, split, ambiguous, invalid or left_alone.
        confidence: 1.0 for certain.
        alternatives: Other readings or further values.
        message: What a person should know.
        rules: Rules that fired, in order.
        tokens: Of an address, which rule took which token.
    """

    kind: str
    region: str | None
    before: str | None
    value: str | None
    parts: Mapping[str, str]
    status: str
    confidence: float
    alternatives: tuple[str, ...]
    message: str | None
    rules: tuple[Rule, ...]
    tokens: tuple[TokenTrace, ...] = ()


def try_value(
    kind: str,
    value: str | None,
    region: str | None,
    parts: Mapping[str, str],
    choices: Sequence[str],
    book: RegionBook,
    rules: Mapping[str, Rule],
) -> Attempt:
    """Standardize one value, given whole or in parts.

    Args:
        kind: A semantic type, a part of one (`postal_address.locality`), or a short word.
        value: The value; None if only parts are given.
        region: Its region; None for none.
        parts: Part → text, as if they stood in columns of their own.
        choices: Choices of a choice.
        book: Rules of all regions.
        rules: By code.

    Raises:
        UsageError: there is no such type or part, or nothing to read.
    """
    type_, part = _type_of(kind)
    value, given = _given(kind, type_, part, value, parts)
    reading = _read(type_, value, region, given, choices, book)
    found = _attempt(".".join(filter(None, (type_, part))), region, reading, rules)
    if type_ is not SemanticType.POSTAL_ADDRESS or part or not value:
        return found
    return replace(found, tokens=tuple(trace_address(_storable(value), region, book.get)))


def _attempt(
    kind: str, region: str | None, reading: FieldReading, rules: Mapping[str, Rule]
) -> Attempt:
    """Tell what came of the one value."""
    part = kind.partition(".")[2]
    row = reading.outcome.row(0, named=True)
    noted = next(reading.noted.iter_rows(named=True), {})
    found = {n: row[n] for n in KINDS[reading.field.type].parts if row[n] is not None}
    key = reading.column(MATCH_KEY)[0] if reading.field.type in KEYED else None
    if key is not None:
        found[MATCH_KEY] = key
    given = reading.given.rows.drop("_region").row(0)
    return Attempt(
        kind=kind,
        region=region,
        before=" ".join(text for text in given if text is not None),
        value=found.get(part) if part else row["value"],
        parts=found,
        status=noted.get("status", row["status"]),
        confidence=row["confidence"],
        alternatives=tuple(row["alternatives"]),
        message=noted.get("message", row["message"]),
        rules=tuple(rules[code] for code in noted.get("codes", "").split(";") if code in rules),
    )


def _given(
    kind: str, type_: SemanticType, part: str, value: str | None, parts: Mapping[str, str]
) -> tuple[str | None, Mapping[str, str]]:
    """Return the whole value and the parts that are given."""
    given = dict(parts)
    if part and value is not None:
        given[part], value = value, None
    for name in given:
        _check_part(type_, name)
    if value is None and not given:
        raise UsageError("there is no value", hint=f'e.g. crmmigrate try {kind} "…"')
    return value, given


def _read(
    type_: SemanticType,
    value: str | None,
    region: str | None,
    parts: Mapping[str, str],
    choices: Sequence[str],
    book: RegionBook,
) -> FieldReading:
    """Run the field's kernel on a frame of one row."""
    named = {part_column("value", part): text for part, text in parts.items()}
    cells = {"value": value, "_region": region, **named}
    cells = {name: None if text is None else _storable(text) for name, text in cells.items()}
    frame = pl.DataFrame({n: [t] for n, t in cells.items()}, schema=dict.fromkeys(cells, pl.String))
    options = {"choices": tuple(choices)} if choices else {}
    return read_field(frame, FieldInput("value", type_, options=options), book)


def _storable(text: str) -> str:
    """Return a text that a frame can hold: a lone surrogate becomes U+FFFD, as readers do it."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _type_of(kind: str) -> tuple[SemanticType, str]:
    name, _, part = kind.strip().lower().partition(".")
    found = find_type(name)
    if found is None:
        raise UsageError(
            f"there is no kind of value '{kind}'{did_you_mean(name, TYPE_NAMES)}",
            hint=f"there are: {', '.join(TYPE_NAMES)}",
        )
    return found[0], part or found[1]


def _check_part(type_: SemanticType, part: str) -> None:
    known = INPUT_PARTS.get(type_, ())
    if part not in known:
        raise UsageError(
            f"'{part}' is no part of {type_} that can be given{did_you_mean(part, known)}",
            hint=f"there are: {', '.join(known)}" if known else None,
        )
