"""Weigh the evidence of pairs: Fellegi-Sunter with levels, rare values and evidence groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log2
from types import MappingProxyType

import polars as pl

from crmmigrate.dedupe.evidence import Encoded, Level
from crmmigrate.model.matching import MatchRules, Repeat, Veto

__all__ = [
    "HEAVIEST",
    "Weights",
    "agrees_on",
    "grouped_score",
    "score_pairs",
    "weight_column",
    "weight_of",
]

HEAVIEST = 24.0
"""Most that one piece of evidence counts, in bits."""
_ALONE = 3.0
"""Most that it counts beyond the odds against any two records: alone it leaves a match at 8 to 1.

However rare the words of a name are, a chain has it at every address, and so may whoever follows.
"""
_LIGHTEST = -10.0


@dataclass(frozen=True)
class Weights:
    """What scoring needs to know; trained once, saved and used again.

    Attributes:
        levels: Evidence → levels with their shares among matches and random pairs.
        disbelieved: Codes of vetoes that the data speak against.
        prior: Logarithm (base 2) of the odds that a random pair matches.
    """

    levels: Mapping[str, tuple[Level, ...]]
    prior: float
    disbelieved: frozenset[str] = frozenset()
    notes: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def heaviest(self) -> float:
        """Most that one piece of evidence counts here, in bits."""
        return min(HEAVIEST, _ALONE - self.prior)


def weight_column(evidence: str) -> str:
    """Return the column of a piece of evidence's weight."""
    return f"{evidence}!"


def score_pairs(
    compared: pl.DataFrame, weights: Weights, encoded: Mapping[str, Encoded], rules: MatchRules
) -> pl.DataFrame:
    """Add a weight column per evidence, `score`, `probability` and `veto` (code or null)."""
    weighed = compared.with_columns(
        weight_of(
            name, levels, chances=f"{name}~" in compared.columns, heaviest=weights.heaviest
        ).alias(weight_column(name))
        for name, levels in weights.levels.items()
    )
    weighed = weighed.with_columns(
        _muted(repeat, weights) for repeat in rules.repeats if _known(repeat, weights)
    )
    score = weights.prior + grouped_score(weights, encoded, rules)
    weighed = weighed.with_columns(score.cast(pl.Float32).alias("score"))
    odds = pl.lit(2.0).pow(pl.col("score").clip(-60, 60))
    return weighed.with_columns(
        (odds / (1 + odds)).cast(pl.Float32).alias("probability"),
        _veto(weights, rules).alias("veto"),
    )


def weight_of(
    name: str, levels: tuple[Level, ...], *, chances: bool, heaviest: float = HEAVIEST
) -> pl.Expr:
    """Return the weight of a piece of evidence from its level, 0 where it is unknown.

    Args:
        name: Evidence, the column of its level.
        levels: Its levels.
        chances: Whether `…~` tells how likely the shared value is shared by chance.
        heaviest: Most that it counts.
    """
    table = {
        i: max(_LIGHTEST, min(heaviest, log2(level.match / level.random)))
        for i, level in enumerate(levels)
    }
    weight = pl.col(name).replace_strict(table, default=None, return_dtype=pl.Float32)
    rare = [i for i, level in enumerate(levels) if level.rare]
    if chances and rare:
        match = pl.col(name).replace_strict(
            {i: log2(levels[i].match / levels[i].apart) for i in rare},
            default=None,
            return_dtype=pl.Float32,
        )
        own = match - pl.col(f"{name}~").log(2.0)
        usable = pl.col(name).is_in(rare) & pl.col(f"{name}~").is_not_null()
        weight = pl.when(usable).then(own.clip(_LIGHTEST, heaviest)).otherwise(weight)
    return weight.fill_null(0.0).cast(pl.Float32)


def _known(repeat: Repeat, weights: Weights) -> bool:
    return {repeat.evidence, *repeat.when} <= set(weights.levels)


def _muted(repeat: Repeat, weights: Weights) -> pl.Expr:
    """What was said before counts little."""
    column = pl.col(weight_column(repeat.evidence))
    said = agrees_on({repeat.evidence: repeat.levels, **repeat.when}, weights.levels) & (column > 0)
    return pl.when(said).then(column * repeat.counts).otherwise(column).name.keep()


def grouped_score(weights: Weights, encoded: Mapping[str, Encoded], rules: MatchRules) -> pl.Expr:
    """Return the sum of weights; within a group, evidence in favour beyond the strongest is dampened."""
    further = {g.name: g.further for g in rules.groups}
    members: dict[str, list[str]] = {}
    for one in encoded.values():
        for name in one.evidence:
            if name in weights.levels:
                group = one.feature.group if one.feature.group in further else name
                members.setdefault(group, []).append(weight_column(name))
    total: pl.Expr = pl.lit(0.0)
    for group, columns in members.items():
        total = total + pl.sum_horizontal(columns)
        if len(columns) > 1:
            favour = [pl.col(c).clip(lower_bound=0.0) for c in columns]
            beyond = pl.sum_horizontal(favour) - pl.max_horizontal(favour)
            total = total - (1 - further[group]) * beyond
    return total


def _veto(weights: Weights, rules: MatchRules) -> pl.Expr:
    chosen = pl.lit(None, dtype=pl.String)
    for veto in reversed(rules.vetoes):
        holds = _holds(veto, weights)
        if holds is not None:
            chosen = pl.when(holds).then(pl.lit(veto.code)).otherwise(chosen)
    return chosen


def _holds(veto: Veto, weights: Weights) -> pl.Expr | None:
    if not set(veto.when) <= set(weights.levels) or veto.code in weights.disbelieved:
        return None
    holds = agrees_on(veto.when, weights.levels)
    for alternative in veto.unless:
        if set(alternative) <= set(weights.levels):
            holds = holds & ~agrees_on(alternative, weights.levels)
    return holds


def agrees_on(
    wanted: Mapping[str, tuple[str, ...]], levels: Mapping[str, tuple[Level, ...]]
) -> pl.Expr:
    """All pieces of evidence are at one of the levels wanted of them."""
    return pl.all_horizontal(
        pl.col(name)
        .is_in([i for i, level in enumerate(levels[name]) if level.name in names])
        .fill_null("unknown" in names)
        for name, names in wanted.items()
    )
