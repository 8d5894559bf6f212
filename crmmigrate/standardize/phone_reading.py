"""Digits to numbers, as the library does it, for whole columns.

`read_dialled` does what `phonenumbers.parse` does with the digits of a number: prefix for abroad,
country code, national prefix. What it cannot read, where the library raises, gets verdict 0.
Columns that the caller needs besides are carried along; rows come back in any order.
"""

import re

import polars as pl

from crmmigrate.standardize.phone_tables import PlanTables, plan_tables
from crmmigrate.values.phone_plans import LONGEST

__all__ = ["are_too_long", "read_abroad", "read_dialled"]

_SHORTEST_BEHIND_PREFIX = 2


def read_dialled(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the digits of one number each.

    Args:
        rows: `digits`, `plus` (written with a plus sign), `_row` (of the region in the tables, null
            for none), `coded` (whether the digits begin with the region's own code), and others.

    Returns:
        The rows with `nsn` and `verdict` (row in the plans' verdicts, 0 where the library raises).
    """
    tables = plan_tables()
    plus = pl.col("plus")
    home = ~plus & pl.col("_row").is_not_null() & (pl.col("digits").str.len_bytes() <= LONGEST)
    inland = rows.filter(home)
    if rows.filter(home).is_empty():
        unread = rows.filter(~plus).with_columns(nsn="digits", verdict=_NONE)
        return pl.concat([read_abroad(rows.filter(plus)), unread])
    length = tables.prefixes.measure(inland["digits"], tables.of(inland["_row"], "abroad_at"))
    inland = inland.with_columns(nsn=pl.col("digits").str.slice(length))
    dialled = (length > 0) & ~inland["nsn"].str.starts_with("0")
    abroad = [rows.filter(plus).with_columns(nsn="digits"), inland.filter(dialled)]
    inland = inland.filter(~dialled) if dialled.any() else inland
    unread = rows.filter(~plus & ~home).with_columns(nsn="digits", verdict=_NONE)
    return pl.concat([_read_coded(pl.concat(abroad)), _read_inland(inland, tables), unread])


_NONE = pl.lit(0, dtype=pl.UInt32)


def read_abroad(rows: pl.DataFrame) -> pl.DataFrame:
    """Read digits that begin with a country code.

    Args:
        rows: `digits`, and other columns.

    Returns:
        The rows with `nsn` and `verdict`.
    """
    return _read_coded(rows.with_columns(nsn="digits"))


def _read_coded(rows: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return rows.with_columns(verdict=_NONE)
    tables = plan_tables()
    verdict = tables.walk(rows["nsn"], tables.root)
    verdict = verdict.zip_with(rows["nsn"].str.len_bytes() > _SHORTEST_BEHIND_PREFIX, _ZERO)
    told = tables.told(verdict, "main", "code_length")
    rows = rows.with_columns(
        pl.col("nsn").str.slice(told["code_length"]),
        verdict.alias("verdict"),
        told["main"].alias("_owner"),
    )
    return _without_trunk(rows, tables).drop("_owner")


_ZERO = pl.Series([0], dtype=pl.UInt32)


def _read_inland(rows: pl.DataFrame, tables: PlanTables) -> pl.DataFrame:
    """Read numbers as dialled within their region, maybe with its country code before."""
    rows = rows.with_columns(
        tables.walk(rows["digits"], tables.of(rows["_row"], "start")).alias("verdict"),
        nsn="digits",
        _owner="_row",
    )
    coded = rows.filter("coded")
    if coded.is_empty():
        return _without_trunk(rows, tables).drop("_owner")
    inner = coded.with_columns(
        pl.col("nsn").str.slice(tables.of(coded["_row"], "code_length")), _whole="verdict"
    )
    walked = tables.walk(inner["nsn"], tables.of(inner["_row"], "start"))
    inner = _without_trunk(inner.with_columns(walked.alias("verdict")), tables, lengths=False)
    bit = tables.of(inner["_row"], "bit")
    fits = tables.told(inner["verdict"], "general")["general"] & bit != 0
    general, long = (flag & bit != 0 for flag in tables.told(inner["_whole"], "general", "long"))
    taken = (~general & fits) | long
    main = tables.of(inner["_row"], "main_row")
    cut = inner.with_columns(main.alias("_owner")).filter(taken)
    whole = inner.filter(~taken).with_columns(nsn="digits", verdict="_whole")
    parts = [rows.filter(~pl.col("coded")), *(part.select(rows.columns) for part in (whole, cut))]
    return _without_trunk(pl.concat(parts), tables).drop("_owner")


def _without_trunk(rows: pl.DataFrame, tables: PlanTables, *, lengths: bool = True) -> pl.DataFrame:
    """Strip the national prefix where the library does.

    Args:
        rows: `nsn`, `verdict` and `_owner`, the row of the region whose prefix it is.
        tables: The plans.
        lengths: Whether a prefix stays if the number would be too short without it.
    """
    owner, nsn = rows["_owner"], rows["nsn"]
    length = tables.prefixes.measure(nsn, tables.of(owner, "trunk_at"))
    local_at = tables.of(owner, "local_at").fill_null(0).cast(pl.UInt32)
    odd = tables.of(owner, "odd").fill_null(value=False)
    touched = (length > 0) | (local_at > 0) | odd
    if not touched.any():
        return rows
    rest = nsn.str.slice(length).filter(touched)
    sub, odd = rows.filter(touched), odd.filter(touched)
    if local_at.max():
        local = tables.prefixes.measure(sub["nsn"], local_at.filter(touched), whole=True) > 0
        whole = tables.of(sub["_owner"], "added").filter(local) + sub["nsn"].filter(local)
        rest = rest.scatter(local.arg_true(), whole)
    if odd.any():
        rest = rest.scatter(odd.arg_true(), _behind_odd(sub.filter(odd), tables))
    walked = tables.walk(rest, tables.of(sub["_owner"], "start"))
    bit = tables.of(sub["_owner"], "bit")
    general = tables.told(sub["verdict"], "general")["general"] & bit != 0
    after = tables.told(walked, "general", "fits")
    stripped = ~(general & (after["general"] & bit == 0))
    if lengths:
        stripped &= after["fits"] & bit != 0
    sub = sub.with_columns(
        nsn=pl.when(stripped).then(rest).otherwise("nsn"),
        verdict=pl.when(stripped).then(walked).otherwise("verdict"),
    )
    return pl.concat([rows.filter(~touched), sub])


def are_too_long(rows: pl.DataFrame) -> pl.Series:
    """Tell which numbers the library refuses because of their length, whatever it strips.

    Args:
        rows: As for `read_dialled`. What is not sure is false.
    """
    tables = plan_tables()
    digits, home = rows["digits"], rows["_row"]
    code = tables.walk(digits.str.head(_CODED), tables.root)
    owner = tables.told(code, "main")["main"].zip_with(rows["plus"], home)
    abroad = tables.prefixes.measure(digits, tables.of(home, "abroad_at"))
    coded = (rows["plus"] | rows["coded"]).cast(pl.UInt32)
    stripped = tables.of(owner, "code_length") * coded + tables.of(owner, "longest_trunk") * 2
    left = digits.str.len_bytes().cast(pl.Int64) - stripped.cast(pl.Int64)
    sure = (left > LONGEST) & (rows["plus"] | (abroad == 0)) & ~tables.of(owner, "odd")
    return sure.fill_null(value=False)


_CODED = 7
"""Digits that tell the country code."""


def _behind_odd(rows: pl.DataFrame, tables: PlanTables) -> pl.Series:
    """Strip prefixes of the few patterns that are no rows of digits; what has none stays."""
    rows = rows.select("nsn", "_owner").with_row_index("_at")
    parts = []
    for (owner,), group in rows.group_by("_owner"):
        trunk, rule = tables.regions.select("trunk", "rule").row(int(str(owner)))
        parts.append(group.select("_at", rest=_behind_trunk(trunk, rule)))
    return pl.concat(parts).sort("_at")["rest"]


def _behind_trunk(trunk: str, rule: str) -> pl.Expr:
    """Strip a prefix that is a pattern; a rule writes it anew if the pattern's last group is there."""
    nsn = pl.col("nsn")
    pattern = f"^(?:{trunk})"
    rest = nsn.str.replace(pattern, "")
    if not rule:
        return rest
    last = nsn.str.extract(pattern, re.compile(trunk).groups)
    anew = re.sub(r"\$(\d)", r"${\1}", rule)
    return pl.when(last.is_not_null()).then(nsn.str.replace(pattern, anew)).otherwise(rest)
