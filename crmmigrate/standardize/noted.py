"""What is told of distinct values that were changed or are in doubt, and what is held back."""

import polars as pl

from crmmigrate.model.changelog import NOTED
from crmmigrate.model.restraint import Restraint

__all__ = ["UNDONE", "UNSURE", "hold_back", "note_outcomes"]

UNEXPLAINED = "STD900"
UNDONE = "STD920"
UNSURE = "STD921"
_NOT_PARTS = frozenset({"text", "_region"})
_SAID = frozenset({"value", "status", "codes", "message", "confidence", "alternatives"})


def note_outcomes(distinct: pl.DataFrame, outcome: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Tell what became of the values that were changed or are in doubt.

    Returns:
        One row for each of them (schema NOTED), and for each distinct value its row there (null
        for what came through unchanged and beyond doubt).
    """
    if distinct.schema["text"] == pl.Binary:
        nothing = pl.repeat(None, distinct.height, dtype=pl.UInt32, eager=True)
        return NOTED.to_frame(), nothing
    before = distinct.select(_before(distinct)).to_series()
    changed = before.ne_missing(outcome["value"])
    told = (outcome["codes"].list.len() > 0) | (changed & outcome["value"].is_not_null())
    rows = told.arg_true()
    table = outcome.select(
        "value", "status", "codes", "message", "confidence", "alternatives"
    ).with_columns(before.alias("before"), changed.alias("changed"), distinct["_region"])
    table = table[rows]
    noted = table.with_columns(_message(table)).select(_notes()).cast(NOTED)
    number = pl.when(told).then(told.cum_sum().cast(pl.UInt32) - 1)
    return noted, pl.select(number.alias("place")).to_series()


def _before(distinct: pl.DataFrame) -> pl.Expr:
    """Return the raw text; parts that stood in columns of their own are put behind each other."""
    parts = [name for name in distinct.columns if name not in _NOT_PARTS]
    if not parts:
        return pl.col("text").alias("before")
    joined = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    any_part = pl.any_horizontal(pl.col(name).is_not_null() for name in parts)
    return pl.coalesce("text", pl.when(any_part).then(joined)).alias("before")


def _message(table: pl.DataFrame) -> pl.Series:
    """Return the messages; where a cell was split without one, it tells the further values."""
    message = table["message"]
    rows = table.select((pl.col("status") == "split") & pl.col("message").is_null()).to_series()
    split = rows.arg_true()
    if split.is_empty():
        return message
    further = pl.concat_str(pl.lit("further: "), pl.col("alternatives").list.join(", "))
    told = table[split].select(further.alias("message")).to_series()
    return message.clone().scatter(split, told)


def _notes() -> list[pl.Expr]:
    codes = (
        pl.when(pl.col("codes").list.len() == 0)
        .then(pl.lit([UNEXPLAINED]))
        .otherwise(pl.col("codes").list.unique(maintain_order=True))
    )
    split = pl.col("status") == "split"
    moved = pl.col("changed") & (pl.col("status") == "unchanged")
    return [
        pl.col("before"),
        pl.col("value").alias("after"),
        codes.list.first().alias("rule"),
        codes.list.join(";").alias("codes"),
        pl.col("confidence"),
        pl.when(moved).then(pl.lit("normalised")).otherwise("status").alias("status"),
        pl.when(pl.col("alternatives").list.len() > 0).then("alternatives").alias("alternatives"),
        pl.col("message"),
        pl.when(split)
        .then(pl.lit("split"))
        .when("changed")
        .then(pl.lit("changed"))
        .otherwise(pl.lit("flagged"))
        .alias("action"),
        pl.col("_region").alias("region"),
    ]


def hold_back(distinct: pl.DataFrame, outcome: pl.DataFrame, restraint: Restraint) -> pl.DataFrame:
    """Give back the raw value where a rule is undone or the confidence is too low.

    What standardizing would have made of it stands in the alternatives, and the codes of the rules
    stay, with UNDONE or UNSURE behind them.
    """
    if distinct.schema["text"] == pl.Binary:
        return outcome
    before = distinct.select(_before(distinct)).to_series()
    changed = before.ne_missing(outcome["value"]) & outcome["value"].is_not_null()
    fired = pl.col("codes").list.eval(pl.element().is_in(sorted(restraint.undo_rules)))
    undone = fired.list.any() if restraint.undo_rules else pl.lit(value=False)
    unsure = pl.col("confidence") < restraint.min_confidence
    held = outcome.select(changed & (undone | unsure)).to_series()
    if not held.any():
        return outcome
    why = pl.when(undone).then(pl.lit([UNDONE])).otherwise(pl.lit([UNSURE]))
    unsure_told = pl.format("confidence {} is below {}", "confidence", restraint.min_confidence)
    reason = pl.when(undone).then(pl.lit("its rule is undone")).otherwise(unsure_told)
    known = pl.concat_str(pl.lit("; "), "message").fill_null("")
    told = pl.concat_str(pl.lit("kept as it was: "), reason, known)
    raw = [
        pl.when(held).then(_raw(distinct, name)).otherwise(name).alias(name)
        for name in outcome.columns
        if name not in _SAID
    ]
    return outcome.with_columns(
        *raw,
        pl.when(held).then(distinct["text"]).otherwise("value").alias("value"),
        pl.when(held).then(pl.lit("left_alone")).otherwise("status").alias("status"),
        pl.when(held).then(pl.concat_list("codes", why)).otherwise("codes").alias("codes"),
        pl.when(held).then(told).otherwise("message").alias("message"),
        pl.when(held)
        .then(pl.concat_list(pl.concat_list("value"), "alternatives"))
        .otherwise("alternatives")
        .alias("alternatives"),
    )


def _raw(distinct: pl.DataFrame, part: str) -> pl.Expr:
    """Return a part as it was given; parts that were only derived are gone."""
    return pl.lit(distinct[part]) if part in distinct.columns else pl.lit(None, pl.String)
