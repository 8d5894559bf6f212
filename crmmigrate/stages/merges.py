"""Merges before they are loaded: each golden record with the records it is made of, field by field."""

import polars as pl

from crmmigrate.config.project import Project
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.stages.review import matched_objects, records_of
from crmmigrate.store.artifacts import read
from crmmigrate.store.workspace import Run

__all__ = ["merge_groups", "merge_table"]

GOLDEN, MEMBER = "golden record", "merged"


def merge_groups(run: Run, project: Project, object_: str) -> tuple[str, pl.DataFrame]:
    """Return the object and its merges: `golden_key`, `records`, `least` (least score of a pair).

    The least sure merges come first, the larger ones before the smaller.

    Raises:
        UsageError: nothing was matched, or several objects were and none is named.
    """
    present = matched_objects(run, project, object_)
    if len(present) > 1:
        raise UsageError("which object?", hint=f"name one of: {', '.join(present)}")
    name = present[0]
    members = read(run.dir, "dedupe", name, "members")
    pairs = read(run.dir, "dedupe", name, "pairs", ["key_a", "probability", "judgement"])
    assert members is not None  # noqa: S101 - written by stage dedupe
    assert pairs is not None  # noqa: S101
    matched = pairs.filter(pl.col("judgement") == "match")
    sure = matched.join(members, left_on="key_a", right_on="_key")
    least = sure.group_by("golden_key").agg(pl.col("probability").min().alias("least"))
    groups = members.group_by("golden_key").len("records").filter(pl.col("records") > 1)
    groups = groups.join(least, on="golden_key", how="left")
    order = {"least": False, "records": True, "golden_key": False}
    return name, groups.sort(*order, descending=list(order.values()), nulls_last=True)


def merge_table(run: Run, object_type: ObjectType, groups: pl.DataFrame) -> pl.DataFrame:
    """Return the records of some merges: the golden record first, then those it is made of.

    Each field of the golden record has a column `<field> from` beside it: the record that gave it.
    Fields that no record of these holds are left out.
    """
    name = object_type.name
    members = read(run.dir, "dedupe", name, "members")
    assert members is not None  # noqa: S101 - written by stage dedupe
    members = members.join(groups.select("golden_key"), on="golden_key")
    records = records_of(run, object_type, members["_key"])
    golden = read(run.dir, "dedupe", name, "rows")
    assert golden is not None  # noqa: S101
    golden = golden.filter(pl.col("_key").is_in(groups["golden_key"].implode()))
    shown = [c for c in object_type.fields if c in records.columns and c in golden.columns]
    shown = [c for c in shown if records[c].null_count() < records.height]
    kept = [pl.col(c).cast(pl.String) for c in shown]
    above = golden.select(
        pl.col("_key").alias("golden_key"), pl.lit(GOLDEN).alias("role"), pl.col("_key").alias("key"), *kept
    ).join(_origins(run, name, shown), on="golden_key", how="left")  # fmt: skip
    below = records.join(members, on="_key").select(
        "golden_key", pl.lit(MEMBER).alias("role"), pl.col("_key").alias("key"), *kept
    )
    order = groups.select("golden_key").with_row_index("_order")
    rows = pl.concat([above, below], how="diagonal").join(order, on="golden_key")
    beside = [c for field in shown for c in (field, f"{field} from") if c in rows.columns]
    return rows.sort("_order", pl.col("role") != GOLDEN, "key").select(
        "golden_key", "role", "key", *beside
    )


def _origins(run: Run, name: str, shown: list[str]) -> pl.DataFrame:
    """Return a row a golden record with the key that gave each field."""
    provenance = read(run.dir, "dedupe", name, "provenance")
    assert provenance is not None  # noqa: S101 - written by stage dedupe
    known = provenance.filter(pl.col("field").is_in(shown))
    if known.is_empty():
        return pl.DataFrame(schema={"golden_key": pl.String})
    wide = known.pivot("field", index="golden_key", values="key", aggregate_function="first")
    return wide.rename({c: f"{c} from" for c in wide.columns if c != "golden_key"})
