"""The validation kernel: what the canonical model and the project demand of each record."""

from collections.abc import Mapping

import polars as pl
from polars.exceptions import PolarsError

from crmmigrate.config.expressions import parse_expression
from crmmigrate.errors import ConfigError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.findings import FINDING, FINDINGS_COLUMN, Severity
from crmmigrate.model.remarks import Remark, with_remarks
from crmmigrate.model.semantic import SemanticType
from crmmigrate.model.validation import CheckRule, ValidationRules
from crmmigrate.quality.checks import Check, field_checks

__all__ = ["validate_records"]

_CUSTOM = {Severity.INFO: "VAL450", Severity.WARNING: "VAL451", Severity.ERROR: "VAL452"}


def validate_records(
    frame: pl.DataFrame,
    object_type: ObjectType,
    rules: ValidationRules,
    known_keys: Mapping[str, pl.Series],
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check every record (row kernel).

    Args:
        frame: Canonical frame; columns that are missing count as empty.
        object_type: The object of the records.
        rules: Rules of the project for it.
        known_keys: Object → record keys that references may point to; references to an object
            that is absent here are not checked.

    Returns:
        The records that pass and those that are rejected, each with what was found in
        `_findings`. A value that is repaired (emptied or cut) stands whole in its finding.

    Raises:
        ConfigError: a rule of the project does not fit the data.
    """
    frame = _complete(frame, object_type)
    fired = _fired(frame, object_type, rules, known_keys)
    told = with_remarks(frame, [_remark(frame, check, hits) for check, hits in fired])
    rejecting = [pl.lit(hits) for check, hits in fired if check.rejects]
    rejected = told.with_columns(
        pl.any_horizontal(rejecting or [pl.lit(value=False)]).alias("_rejected")
    ).get_column("_rejected")
    return _repaired(told.filter(~rejected), fired, rejected), told.filter(rejected)


def _fired(
    frame: pl.DataFrame,
    object_type: ObjectType,
    rules: ValidationRules,
    known_keys: Mapping[str, pl.Series],
) -> list[tuple[Check, pl.Series]]:
    """Return the checks that some record breaks, with where; all are looked at in one pass."""
    checks = [
        check
        for field in object_type.fields.values()
        for check in field_checks(field, rules, known_keys)
    ]
    broken = frame.select(
        pl.int_range(pl.len()), *(c.broken.alias(f"{i}") for i, c in enumerate(checks))
    )
    fired = [(c, broken.get_column(f"{i}").fill_null(value=False)) for i, c in enumerate(checks)]
    fired += [_custom(frame, object_type, rule) for rule in rules.rules]
    return [(check, hits) for check, hits in fired if hits.any()]


def _complete(frame: pl.DataFrame, object_type: ObjectType) -> pl.DataFrame:
    """Add the columns of the object that are missing, and an empty `_findings`."""
    binary = {f.name for f in object_type.fields.values() if f.type is SemanticType.BINARY}
    missing = [
        pl.lit(None, dtype=pl.Binary if name in binary else pl.String).alias(name)
        for name in object_type.columns
        if name not in frame.columns
    ]
    if FINDINGS_COLUMN not in frame.columns:
        missing.append(pl.lit([], dtype=pl.List(FINDING)).alias(FINDINGS_COLUMN))
    return frame.with_columns(missing)


def _custom(
    frame: pl.DataFrame, object_type: ObjectType, rule: CheckRule
) -> tuple[Check, pl.Series]:
    """Return the rule as a check, and where it is broken."""
    try:
        met = frame.with_columns(parse_expression(rule.check).alias("_met"))["_met"]
    except (PolarsError, ValueError) as exc:
        reason = str(exc).splitlines()[0]
        raise ConfigError(
            f"rules.{rule.name}.check: fails on the data: {reason}",
            where=rule.where or object_type.name,
            hint="canonical columns are texts: compare numbers and dates with TRY_CAST",
        ) from None
    if met.dtype not in {pl.Boolean, pl.Null}:
        raise ConfigError(
            f"rules.{rule.name}.check: the condition is not true or false",
            where=rule.where or object_type.name,
        )
    check = Check(
        code=_CUSTOM[rule.severity],
        field=rule.field,
        message=f"{rule.name}: {rule.message}",
        broken=pl.lit(value=True),
        rejects=rule.severity is Severity.ERROR,
    )
    return check, ~met.cast(pl.Boolean).fill_null(value=True)


def _remark(frame: pl.DataFrame, check: Check, hits: pl.Series) -> Remark:
    textual = check.field in frame.columns and frame.schema[check.field] == pl.String
    before = frame.get_column(check.field) if textual else None
    after = None
    if textual and check.repair is not None and not check.rejects:
        after = frame.with_columns(check.repair.alias("_after")).get_column("_after")
    action = "rejected" if check.rejects else "flagged"
    return Remark(check.code, check.field, hits, check.message, before, after, action)


def _repaired(
    good: pl.DataFrame, fired: list[tuple[Check, pl.Series]], rejected: pl.Series
) -> pl.DataFrame:
    """Empty or cut the values that a check found and does not reject."""
    for check, hits in fired:
        if check.repair is None or check.rejects:
            continue
        where = pl.lit(hits.filter(~rejected))
        new = [pl.when(where).then(check.repair).otherwise(pl.col(check.field)).alias(check.field)]
        if check.empties:
            new += [
                pl.when(~where).then(pl.col(part)).alias(part)
                for part in check.parts
                if part in good.columns
            ]
        good = good.with_columns(new)
    return good
