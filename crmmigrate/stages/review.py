"""Pairs that a person should judge, the most valuable first, and what was decided about them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import EXCLUDED, REJECTED, ROW
from crmmigrate.adapters.registry import open_file
from crmmigrate.config.decisions import DECISIONS_FOLDER, decisions_text
from crmmigrate.config.project import Project
from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.errors import UsageError
from crmmigrate.model.canonical import ObjectType
from crmmigrate.model.columns import blank_to_null, text_of
from crmmigrate.model.decisions import DECIDED, DECISION_COLUMNS, Decision
from crmmigrate.model.matching import Judgement
from crmmigrate.stages.evaluate import sample_pairs
from crmmigrate.stages.link import LINKS, target_key
from crmmigrate.store.artifacts import read, units
from crmmigrate.store.files import storage_errors, write_text
from crmmigrate.store.workspace import Run

__all__ = [
    "add_decisions",
    "matched_objects",
    "open_pairs",
    "read_judged",
    "records_of",
    "review_table",
    "sampled_pairs",
]

_SPLIT = "DUP220"
_HELD = pl.Schema({"external_id": pl.String})
_SHARE = 0o644
"""Decisions belong to the repository of the project: others may read them."""


def sampled_pairs(run: Run, project: Project, object_: str, count: int) -> pl.DataFrame:
    """Return pairs of all probabilities, drawn at random, as `open_pairs` does.

    They have `stratum`, `stratum_size` and `matched` besides, for `evaluate`.

    Raises:
        UsageError: as `open_pairs`; or several objects are deduplicated and none is named.
    """
    present = matched_objects(run, project, object_)
    if len(present) > 1:
        raise UsageError("a sample is of one object", hint=f"name one of: {', '.join(present)}")
    pairs = read(run.dir, "dedupe", present[0], "pairs")
    assert pairs is not None  # noqa: S101 - written by stage dedupe
    return sample_pairs(pairs, count).select(
        pl.lit(present[0]).alias("object"), "key_a", "key_b", pl.col("probability").round(3),
        pl.lit("sample").alias("reason"), _evidence().alias("evidence"), pl.lit(2).alias("records"),
        "stratum", "stratum_size", "matched",
    )  # fmt: skip


def open_pairs(run: Run, project: Project, object_: str = "") -> pl.DataFrame:
    """Return the undecided pairs that a person should look at.

    A pair is worth the more the less sure it is, and the more records would be joined by it; pairs
    that clustering tore apart come first.

    Args:
        run: A run whose stage dedupe is done.
        project: Its project.
        object_: Only of this object.

    Returns:
        `object`, `key_a`, `key_b`, `probability`, `reason`, `evidence`, `records` (how many would
        be one) in that order.

    Raises:
        UsageError: the stage has not run, or the object is not deduplicated.
    """
    present = matched_objects(run, project, object_)
    found = [_of_object(run, name, project) for name in present]
    found += [_held_back(run, name, project) for name in present]
    ranked = pl.concat(found, how="vertical_relaxed").sort(
        "value", "key_a", "key_b", descending=[True, False, False]
    )
    return ranked.drop("value")


def matched_objects(run: Run, project: Project, object_: str = "") -> list[str]:
    """Return the objects that a run has matched, or only the named one.

    Raises:
        UsageError: there is none, or the named one is not among them.
    """
    present = [name for name in units(run.dir, "dedupe") if name in project.match_rules]
    if not present:
        raise UsageError(f"run {run.id} has matched nothing", hint="run `crmmigrate dedupe` first")
    if object_ and object_ not in present:
        raise UsageError(
            f"'{object_}' is not deduplicated{did_you_mean(object_, present)}",
            hint=f"there are: {', '.join(present)}",
        )
    return [name for name in present if object_ in {"", name}]


def _of_object(run: Run, name: str, project: Project) -> pl.DataFrame:
    pairs = read(run.dir, "dedupe", name, "pairs")
    members = read(run.dir, "dedupe", name, "members")
    assert pairs is not None  # noqa: S101 - written by stage dedupe
    assert members is not None  # noqa: S101
    sizes = members.with_columns(pl.len().over("cluster_id").alias("n")).select("_key", "n")
    decided = {frozenset((d.key_a, d.key_b)) for d in project.decisions.get(name, ())}
    told = pairs.filter(pl.col("judgement") == Judgement.REVIEW.value)
    both = zip(told["key_a"], told["key_b"], strict=True)
    new = pl.Series([frozenset(pair) not in decided for pair in both], dtype=pl.Boolean)
    told = told.filter(new)
    told = told.join(sizes, left_on="key_a", right_on="_key", how="left")
    told = told.join(sizes, left_on="key_b", right_on="_key", how="left", suffix="_b")
    unsure = 1 - (2 * pl.col("probability") - 1).abs()
    torn = pl.col("veto").eq_missing(_SPLIT)
    records = (pl.col("n") + pl.col("n_b")).fill_null(2)
    return told.select(
        pl.lit(name).alias("object"), "key_a", "key_b",
        pl.col("probability").round(3),
        pl.when(torn).then(pl.lit("matches, but not the whole cluster")).otherwise(pl.lit("unsure")).alias("reason"),
        _evidence().alias("evidence"),
        records.alias("records"),
        ((pl.when(torn).then(1.0).otherwise(unsure)) * records.log(2.0)).alias("value"),
    )  # fmt: skip


def _held_back(run: Run, name: str, project: Project) -> pl.DataFrame:
    """Return pairs of a record that the plan holds back and one that is in the target already."""
    links, held = _of_plan(run, name, "doubles", LINKS), _of_plan(run, name, "excluded", _HELD)
    decided = {frozenset((d.key_a, d.key_b)) for d in project.decisions.get(name, ())}
    told = links.join(held, on="external_id").with_columns(
        key_b=pl.lit(target_key(name, "")) + pl.col("target_id")
    )
    both = zip(told["external_id"], told["key_b"], strict=True)
    new = pl.Series([frozenset(pair) not in decided for pair in both], dtype=pl.Boolean)
    return told.filter(new).select(
        pl.lit(name).alias("object"), key_a="external_id", key_b="key_b",
        probability=pl.col("probability").round(3),
        reason=pl.lit("held back: may be in the target"),
        evidence=pl.lit("", pl.String),
        records=pl.lit(2, pl.UInt32),
        # A record that is not loaded comes before a pair that is.
        value=pl.lit(10.0) + pl.col("probability"),
    ).cast({"probability": pl.Float64})  # fmt: skip


def _of_plan(run: Run, name: str, channel: str, schema: pl.Schema) -> pl.DataFrame:
    """Return a channel of the plan, without rows where the run has none."""
    found = read(run.dir, "plan", name, channel) if name in units(run.dir, "plan") else None
    return schema.to_frame() if found is None else found.select(schema.names())


def _evidence() -> pl.Expr:
    """Write every piece of evidence as `feature=level (+weight)`, in one text."""
    part, weight = pl.element().struct.field, pl.element().struct.field("weight").round(1)
    sign = pl.when(weight >= 0).then(pl.lit("+")).otherwise(pl.lit(""))
    told = pl.concat_str(part("feature"), pl.lit("="), part("level"), pl.lit(" ("), sign, weight.cast(pl.String), pl.lit(")"))  # fmt: skip
    return pl.col("contributions").list.eval(told).list.join("; ")


def review_table(run: Run, project: Project, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs with empty `judgement` and `why`, and both records' fields side by side."""
    model = project.model.objects
    parts = [
        _side_by_side(run, model[rows.item(0, "object")], rows)
        for rows in pairs.partition_by("object", maintain_order=True)
    ]
    blank = [pl.lit("").alias(name) for name in ("judgement", "why")]
    table = pl.concat(parts, how="diagonal") if parts else pairs
    ordered = pairs.select("key_a", "key_b").join(
        table, on=["key_a", "key_b"], how="left", maintain_order="left"
    )
    first = ["object", "key_a", "key_b", "judgement", "why", "probability", "reason", "evidence"]
    ordered = ordered.with_columns(blank)
    return ordered.select(*first, *(c for c in ordered.columns if c not in first))


def _side_by_side(run: Run, object_type: ObjectType, rows: pl.DataFrame) -> pl.DataFrame:
    keys = pl.concat([rows["key_a"], rows["key_b"]]).unique()
    records = records_of(run, object_type, keys)
    shown = [
        c for c in object_type.fields if c in records.columns and records[c].dtype == pl.String
    ]
    shown = [c for c in shown if records[c].null_count() < records.height]
    for side in ("a", "b"):
        named = records.select("_key", *(pl.col(c).alias(f"{c} ({side})") for c in shown))
        rows = rows.join(named, left_on=f"key_{side}", right_on="_key", how="left")
    beside = [f"{c} ({side})" for c in shown for side in ("a", "b")]
    return rows.select(*(c for c in rows.columns if c not in beside), *beside)


def records_of(run: Run, object_type: ObjectType, keys: pl.Series) -> pl.DataFrame:
    """Return the standardized records of some keys."""
    theirs = (
        read(run.dir, "plan", object_type.name, "theirs")
        if object_type.name in units(run.dir, "plan")
        else None
    )
    found = [] if theirs is None else [theirs.filter(pl.col("_key").is_in(keys.implode()))]
    found += [
        frame.filter(pl.col("_key").is_in(keys.implode()))
        for unit in units(run.dir, "standardize")
        if unit.split("~", 1)[0] == object_type.name
        and (frame := read(run.dir, "standardize", unit, "rows")) is not None
    ]
    return pl.concat(found, how="diagonal_relaxed")


def read_judged(path: Path) -> dict[str, list[Decision]]:
    """Read a review file that was filled in: object → its decisions; blank rows are left out.

    Raises:
        UsageError: a column is missing, or a judgement is none.
    """
    source = open_file(path)
    dataset = source.describe().datasets[0]
    names = [column.name for column in dataset.columns]
    needed = ["object", *DECISION_COLUMNS[:3]]
    for name in needed:
        if name not in names:
            raise UsageError(
                f"the column {name} is missing",
                where=str(path),
                hint="fill in a file that `crmmigrate review -o` has written",
            )
    used = [name for name in (*needed, "why") if name in names]
    frames = [pl.DataFrame(batch) for batch in source.read(dataset.name, used)]
    found: dict[str, list[Decision]] = {}
    for frame in frames:
        good = frame.filter(pl.col(REJECTED).is_null() & pl.col(EXCLUDED).is_null())
        texts = good.select(
            ROW, *(blank_to_null(text_of(c, good.schema[c])).alias(c) for c in used)
        )
        for row in texts.filter(pl.col("judgement").is_not_null()).iter_rows(named=True):
            decision = _judged(row, path)
            found.setdefault(row["object"] or "", []).append(decision)
    return found


def _judged(row: Mapping[str, str | None], path: Path) -> Decision:
    said = (row["judgement"] or "").strip().lower().replace(" ", "_")
    where = f"{path}: row {row[ROW]}"
    if said not in DECIDED:
        raise UsageError(
            f"'{row['judgement']}' is no judgement{did_you_mean(said, DECIDED)}",
            where=where,
            hint="write match or no_match; leave the cell blank if you do not know",
        )
    if not row["key_a"] or not row["key_b"]:
        raise UsageError("a key is missing", where=where)
    return Decision(row["key_a"], row["key_b"], said, row.get("why") or "")


def add_decisions(project: Project, object_: str, new: Sequence[Decision]) -> tuple[Path, int]:
    """Write decisions into the project; a later one about the same pair replaces the earlier.

    Returns:
        The file, and how many decisions it holds now.

    Raises:
        UsageError: the object is not deduplicated.
    """
    if object_ not in project.match_rules:
        known = list(project.match_rules)
        raise UsageError(
            f"'{object_}' is not deduplicated{did_you_mean(object_, known)}",
            hint=f"there are: {', '.join(known)}" if known else "name it under match: first",
        )
    kept = {frozenset((d.key_a, d.key_b)): d for d in project.decisions.get(object_, ())}
    kept |= {frozenset((d.key_a, d.key_b)): d for d in new}
    folder = project.root / DECISIONS_FOLDER
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{object_}.csv"
    write_text(path, decisions_text(list(kept.values())), mode=_SHARE)
    return path, len(kept)
