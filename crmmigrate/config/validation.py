"""Read validation rules: `rules/validate/<object>.yaml`."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from crmmigrate.config.expressions import expression_columns
from crmmigrate.config.problems import Problems
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import ClosedModel, line_of, read_model, read_yaml
from crmmigrate.model.canonical import RESERVED_COLUMNS, ObjectType
from crmmigrate.model.findings import Severity
from crmmigrate.model.validation import CheckRule, ValidationRules

__all__ = ["CheckEntry", "ValidationFile", "check_validation", "read_validation"]


class CheckEntry(ClosedModel):
    """A condition that every record should meet."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name in snake_case.")
    check: str = Field(description="Polars SQL condition; a record without an answer passes.")
    message: str = Field(min_length=1, description="What is wrong where it is not met.")
    severity: Severity = Field(default=Severity.WARNING, description="'error' rejects the record.")
    field: str = Field(default="", description="Field the finding is about.")


class ValidationFile(ClosedModel):
    """Validation rules of one object."""

    object: str = Field(description="Canonical object.")
    lenient: tuple[Literal["VAL402", "VAL403"], ...] = Field(
        default=(), description="Canonical checks that repair the record instead of rejecting it."
    )
    strict: tuple[Literal["VAL404", "VAL405"], ...] = Field(
        default=(), description="Canonical checks that reject the record instead of repairing it."
    )
    rules: tuple[CheckEntry, ...] = Field(default=(), description="The conditions.")


def read_validation(path: Path, *, shown: str | None = None) -> ValidationRules:
    """Read one file of validation rules.

    Raises:
        ConfigError: the file is wrong; every mistake with file and line.
    """
    where = shown or str(path)
    spec = read_model(path, ValidationFile, shown=where)
    document = read_yaml(path, shown=shown)
    return ValidationRules(
        object=spec.object,
        rules=tuple(
            CheckRule(
                name=entry.name,
                check=entry.check,
                message=entry.message,
                severity=entry.severity,
                field=entry.field,
                where=f"{where}:{line_of(document, ('rules', index))}",
            )
            for index, entry in enumerate(spec.rules)
        ),
        lenient=frozenset(spec.lenient),
        strict=frozenset(spec.strict),
    )


def check_validation(rules: ValidationRules, object_type: ObjectType, problems: Problems) -> None:
    """Note every mistake of the rules against the object they are for."""
    columns = {*object_type.columns, *RESERVED_COLUMNS}
    names: set[str] = set()
    for rule in rules.rules:
        key = f"rules.{rule.name}"
        if rule.name in names:
            problems.add(rule.where, f"{key}: the name stands twice")
        names.add(rule.name)
        if rule.field and rule.field not in object_type.fields:
            near = did_you_mean(rule.field, object_type.fields)
            problems.add(rule.where, f"{key}.field: unknown field '{rule.field}'{near}")
        try:
            used = expression_columns(rule.check)
        except ValueError as exc:
            problems.add(rule.where, f"{key}.check: {exc}")
            continue
        for column in used:
            if column not in columns:
                near = did_you_mean(column, object_type.columns)
                message = f"unknown column '{column}' of {object_type.name}{near}"
                problems.add(rule.where, f"{key}.check: {message}")
