"""Checks that the canonical model asks of every field, as polars expressions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.model.canonical import Field
from crmmigrate.model.semantic import SemanticType
from crmmigrate.model.validation import ValidationRules

__all__ = ["Check", "field_checks", "is_empty", "well_formed"]

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$"
_NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
_MONEY = r"^-?\d+(\.\d+)?( [A-Z]{3})?$"
_BOOLEAN = r"^(true|false)$"


@dataclass(frozen=True)
class Check:
    """One check of one field.

    Attributes:
        code: Rule.
        field: Canonical field.
        message: What is wrong.
        broken: Boolean expression over the canonical frame; null is not broken.
        rejects: Whether it rejects the record.
        repair: What the value becomes if it does not reject; None leaves it.
        empties: The repair empties the field, so its parts go too.
        parts: Columns of the parts.
    """

    code: str
    field: str
    message: str
    broken: pl.Expr
    rejects: bool
    repair: pl.Expr | None = None
    empties: bool = False
    parts: tuple[str, ...] = ()


def is_empty(field: Field) -> pl.Expr:
    """Return whether a field has no value: neither as a whole nor in any of its parts."""
    if field.type is SemanticType.BINARY:
        return pl.col(field.name).is_null()
    told = [c for c in field.columns if not c.endswith(("_valid", "_currency"))]
    blank = [(pl.col(c).is_null() | (pl.col(c).str.strip_chars() == "")) for c in told]
    return pl.all_horizontal(blank)


def well_formed(field: Field) -> pl.Expr | None:
    """Return whether the value can be stored as the field's type; None if any text can."""
    value = pl.col(field.name)
    if field.type is SemanticType.DATE:
        return value.str.contains(_DATE) & value.str.to_date(strict=False).is_not_null()
    if field.type is SemanticType.DATETIME:
        day = value.str.head(10).str.to_date(strict=False).is_not_null()
        clock = value.str.slice(11, 5).str.to_time("%H:%M", strict=False).is_not_null()
        whole = value.str.contains(_TIME) & clock
        return (whole | value.str.contains(_DATE)) & day
    if field.type is SemanticType.NUMBER:
        return value.str.contains(_NUMBER)
    if field.type is SemanticType.BOOLEAN:
        return value.str.contains(_BOOLEAN)
    if field.type is SemanticType.MONEY:
        return value.str.contains(_MONEY) | pl.col(f"{field.name}_amount").is_not_null()
    return None


def field_checks(
    field: Field, rules: ValidationRules, known_keys: Mapping[str, pl.Series]
) -> Iterator[Check]:
    """Yield the checks of one field."""
    if field.type is SemanticType.REFERENCE:
        yield from _reference_checks(field, rules, known_keys)
    if field.required:
        yield Check("VAL401", field.name, "required, but empty", is_empty(field), rejects=True)
    if field.type is not SemanticType.BINARY:
        yield from _value_checks(field, rules)
    if field.max_length is not None:
        value = pl.col(field.name)
        yield Check(
            "VAL403",
            field.name,
            f"is longer than {field.max_length} characters",
            value.str.len_chars() > field.max_length,
            rejects=rules.rejects("VAL403", usually=True),
            repair=value.str.head(field.max_length),
        )


def _value_checks(field: Field, rules: ValidationRules) -> Iterator[Check]:
    """Yield the checks of form and choice."""
    value, null = pl.col(field.name), pl.lit(None, dtype=pl.String)
    filled = value.is_not_null() & (value.str.strip_chars() != "")
    formed = well_formed(field)
    if formed is not None:
        yield Check(
            "VAL405",
            field.name,
            f"is no {field.type.value}",
            filled & ~formed.fill_null(value=False),
            rejects=field.required or rules.rejects("VAL405", usually=False),
            repair=null,
            empties=True,
            parts=field.columns[1:],
        )
    if field.type is SemanticType.CHOICE:
        yield Check(
            "VAL402",
            field.name,
            f"is none of {', '.join(field.choices)}",
            filled & ~value.is_in(list(field.choices)),
            rejects=field.required or rules.rejects("VAL402", usually=True),
            repair=null,
            empties=True,
        )


def _reference_checks(
    field: Field, rules: ValidationRules, known_keys: Mapping[str, pl.Series]
) -> Iterator[Check]:
    """Yield the check that a reference leads to a record of an object it may point to."""
    value = pl.col(field.name)
    object_ = value.str.splitn(":", 3).struct.field("field_1")
    allowed = object_.is_in(list(field.references))
    lost = ~allowed.fill_null(value=False)
    for name in field.references:
        if name in known_keys:
            lost |= (object_ == name) & ~value.is_in(known_keys[name].implode())
    yield Check(
        "VAL407" if field.required else "VAL404",
        field.name,
        "points to a record that is not there",
        value.is_not_null() & lost,
        rejects=field.required or rules.rejects("VAL404", usually=False),
        repair=pl.lit(None, dtype=pl.String),
        empties=True,
    )
