"""Digits to numbers, as the library does it, for whole columns.

`read_dialled` does what `phonenumbers.parse` does with the digits of a number: prefix for abroad,
country code, national prefix. What it cannot read, where the library raises, gets no verdict.
"""

import re
from functools import cache

import polars as pl

from crmmigrate.standardize.phone_tables import PlanTables, plan_tables
from crmmigrate.values.phone_plans import LONGEST

__all__ = ["read_abroad", "read_dialled"]

_REGION = ("code", "start", "bit", "trunk", "rule")
_SHORTEST_BEHIND_PREFIX = 2


def read_dialled(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the digits of one number each.

    Args:
        rows: `_at`, `digits`, `plus` (written with a plus sign) and `_region`.

    Returns:
        `_at`, `nsn`, `verdict` (row in the plans' verdicts) in any order; rows where the library
        raises are missing.
    """
    tables = plan_tables()
    home = tables.regions.filter(pl.col("_region").is_not_null())
    short = pl.col("digits").str.len_bytes() <= LONGEST
    inland = rows.filter(~pl.col("plus") & short).join(home, on="_region", maintain_order="left")
    inland = _behind_abroad(inland)
    rest = pl.col("rest")
    dialled = rest.is_not_null() & ~rest.str.starts_with("0")
    abroad = pl.concat(
        [
            rows.filter("plus").select("_at", "digits"),
            inland.filter(dialled).select("_at", digits=rest),
        ]
    )
    inland = inland.filter(~dialled | rest.is_null())
    return pl.concat([read_abroad(abroad), _read_inland(inland, tables)])


def read_abroad(rows: pl.DataFrame) -> pl.DataFrame:
    """Read digits that begin with a country code.

    Args:
        rows: `_at` and `digits`.
    """
    tables = plan_tables()
    rows = rows.filter(pl.col("digits").str.len_bytes() > _SHORTEST_BEHIND_PREFIX)
    verdict = tables.walk(rows["digits"], tables.root)
    known = rows.with_columns(*tables.told(verdict, "code"), verdict.alias("verdict"))
    main = tables.regions.filter("main").select(*_REGION)
    found = known.join(main, on="code").with_columns(
        nsn=pl.col("digits").str.slice(pl.col("code").str.len_bytes())
    )
    return _readable(_without_trunk(found, tables), tables)


def _read_inland(rows: pl.DataFrame, tables: PlanTables) -> pl.DataFrame:
    """Read numbers as dialled within their region, maybe with its country code before."""
    nsn = pl.col("digits")
    rows = rows.select("_at", *_REGION, nsn=nsn).with_columns(
        tables.walk(rows["digits"], rows["start"]).alias("verdict")
    )
    doubtful = pl.col("nsn").str.starts_with(pl.col("code"))
    plain, coded = rows.filter(~doubtful), rows.filter(doubtful).sort("_at")
    whole = coded.with_columns(*tables.told(coded["verdict"], "general", "long"))
    inner = coded.with_columns(pl.col("nsn").str.slice(pl.col("code").str.len_bytes()))
    inner = inner.with_columns(tables.walk(inner["nsn"], inner["start"]).alias("verdict"))
    inner = _without_trunk(inner, tables, lengths=False).sort("_at")
    fits = tables.told(inner["verdict"], "general")["general"] & inner["bit"] != 0
    general, long = (whole[name] & whole["bit"] != 0 for name in ("general", "long"))
    taken = (~general & fits) | long
    main = tables.regions.filter("main").select("code", "bit", "trunk", "rule")
    cut = inner.filter(taken).drop("bit", "trunk", "rule").join(main, on="code")
    parts = [plain, coded.filter(~taken), cut.select(plain.columns)]
    return _readable(_without_trunk(pl.concat(parts), tables), tables)


def _readable(rows: pl.DataFrame, tables: PlanTables) -> pl.DataFrame:
    known = tables.told(rows["verdict"], "reason")["reason"].is_not_null()
    return rows.filter(known).select("_at", "nsn", "verdict")


def _without_trunk(rows: pl.DataFrame, tables: PlanTables, *, lengths: bool = True) -> pl.DataFrame:
    """Strip the national prefix where the library does.

    Args:
        rows: `nsn`, `verdict` and the columns of the region.
        tables: The plans.
        lengths: Whether a prefix stays if the number would be too short without it.
    """
    keys = ("trunk", "rule")
    simple = rows.filter(pl.col("trunk").str.contains("^[0-9]*$") & (pl.col("rule") == ""))
    parts = [_simple_trunk(simple)]
    other = rows.filter(~pl.col("trunk").str.contains("^[0-9]*$") | (pl.col("rule") != ""))
    if other.height <= _FEW:
        parts.append(_behind_trunks(other))
    else:
        for (trunk, rule), group in other.group_by(*keys, maintain_order=True):
            parts.append(_behind_trunk(group, str(trunk), str(rule)))
    rows = pl.concat(parts)
    bare = pl.coalesce("rest", "nsn")
    walked = tables.walk(rows.select(bare).to_series(), rows["start"])
    general = tables.told(rows["verdict"], "general")["general"] & rows["bit"] != 0
    after = tables.told(walked, "general", "fits")
    stripped = rows["rest"].is_not_null() & ~(general & (after["general"] & rows["bit"] == 0))
    if lengths:
        stripped &= after["fits"] & rows["bit"] != 0
    return rows.with_columns(
        nsn=pl.when(stripped).then("rest").otherwise("nsn"),
        verdict=pl.when(stripped).then(walked).otherwise("verdict"),
    ).drop("rest")


def _simple_trunk(rows: pl.DataFrame) -> pl.DataFrame:
    trunk, nsn = pl.col("trunk"), pl.col("nsn")
    prefixed = (trunk != "") & nsn.str.starts_with(trunk)
    return rows.with_columns(rest=pl.when(prefixed).then(nsn.str.slice(trunk.str.len_bytes())))


def _behind_trunk(group: pl.DataFrame, trunk: str, rule: str) -> pl.DataFrame:
    """Strip a prefix that is a pattern; a rule writes it anew if the pattern's last group is there."""
    nsn = pl.col("nsn")
    pattern = f"^(?:{trunk})"
    rest = nsn.str.replace(pattern, "")
    if rule:
        last = nsn.str.extract(pattern, re.compile(trunk).groups)
        anew = re.sub(r"\$(\d)", r"${\1}", rule)
        rest = pl.when(last.is_not_null()).then(nsn.str.replace(pattern, anew)).otherwise(rest)
    return group.with_columns(rest=pl.when(nsn.str.contains(pattern)).then(rest))


_FEW = 4000
"""Of fewer rows than these, one after the other is faster than a column for each pattern."""


def _behind_trunks(rows: pl.DataFrame) -> pl.DataFrame:
    """Strip prefixes that are patterns, row by row."""
    rest = [_rest(*row) for row in rows.select("nsn", "trunk", "rule").iter_rows()]
    return rows.with_columns(rest=pl.Series(rest, dtype=pl.String))


def _rest(nsn: str, trunk: str, rule: str) -> str | None:
    match = _compiled(trunk).match(nsn)
    if match is None:
        return None
    if rule and match[match.re.groups] is not None:
        return match.expand(rule.replace("$", "\\")) + nsn[match.end() :]
    return nsn[match.end() :]


_compiled = cache(re.compile)


def _behind_abroad(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `rest`: the digits behind the region's prefix for abroad, null if there is none."""
    prefix, digits = pl.col("abroad"), pl.col("digits")
    literal = pl.col("abroad").str.contains("^[0-9]*$")
    simple = rows.filter(literal).with_columns(
        rest=pl.when((prefix != "") & digits.str.starts_with(prefix)).then(
            digits.str.slice(prefix.str.len_bytes())
        )
    )
    parts = [simple]
    for (pattern,), group in rows.filter(~literal).group_by("abroad", maintain_order=True):
        found = digits.str.contains(f"^(?:{pattern})")
        rest = digits.str.replace(f"^(?:{pattern})", "")
        parts.append(group.with_columns(rest=pl.when(found).then(rest)))
    return pl.concat(parts)
