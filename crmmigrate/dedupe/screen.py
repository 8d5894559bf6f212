"""Compare candidate pairs in rounds, and put aside early what cannot match.

Comparing names, streets and mailboxes letter by letter is what matching costs. Most candidate pairs
agree on their blocking key and on nothing else, and a few equal or unequal whole numbers tell that.
A pair is put aside only if even the kindest reading of what is not yet compared leaves it far from
a match, or if a veto holds that nothing can lift. Pairs go through in chunks, so that memory grows
with the pairs that are left.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import numpy as np
import polars as pl
import polars.selectors as cs

from crmmigrate.dedupe.block import unpacked
from crmmigrate.dedupe.compare import compare_feature
from crmmigrate.dedupe.evidence import Encoded, Glance, Level
from crmmigrate.dedupe.glances import Look, checks_of, look_at
from crmmigrate.dedupe.score import HEAVIEST, Weights, agrees_on, weight_of
from crmmigrate.model.matching import MatchRules, Veto
from crmmigrate.model.semantic import SemanticType

__all__ = ["Screened", "looks_of", "screen_pairs"]

_FLOOR = -6.0
"""Best possible score below which a pair is put aside; reviews begin at about -2."""
_CHUNK = 1_000_000
_ALL_TOLD = 500_000
"""Number of candidate pairs up to which vetoed ones are kept, so that all can be told."""


@dataclass(frozen=True)
class Screened:
    """What is left of the candidate pairs.

    Attributes:
        compared: `a`, `b` and the levels of all evidence.
        vetoed: DUP code → pairs that were put aside for it.
    """

    compared: pl.DataFrame
    vetoed: Mapping[str, int]


def screen_pairs(
    pairs: pl.Series, encoded: Mapping[str, Encoded], weights: Weights, rules: MatchRules
) -> Screened:
    """Compare the pairs that can match.

    Args:
        pairs: Packed pairs (UInt64): the smaller row in the high half.
        encoded: All features.
        weights: As trained.
        rules: Match rules; their vetoes are looked at.
    """
    screen = _Screen(encoded, weights, rules, drop_vetoed=len(pairs) > _ALL_TOLD)
    found, vetoed = [], Counter[str]()
    for start in range(0, max(len(pairs), 1), _CHUNK):
        compared, codes = screen.through(unpacked(pairs.slice(start, _CHUNK)))
        found.append(compared)
        vetoed.update(codes)
    return Screened(pl.concat(found), vetoed)


class _Screen:
    """The rounds that every chunk of pairs goes through."""

    def __init__(
        self, encoded: Mapping[str, Encoded], weights: Weights, rules: MatchRules, *, drop_vetoed: bool
    ) -> None:  # fmt: skip
        self.weights = weights
        self.first = [o for o in encoded.values() if o.feature.type is SemanticType.PERSON_NAME]
        costly = {SemanticType.EMAIL, SemanticType.POSTAL_ADDRESS, SemanticType.ORGANIZATION}
        rest = [o for o in encoded.values() if o not in self.first]
        self.second = [o for o in rest if o.feature.type not in costly]
        self.third = [o for o in rest if o.feature.type in costly]
        self.bounds: dict[str, pl.Expr] = {}
        self.looks = looks_of(encoded, weights)
        for one in encoded.values():
            for evidence in one.evidence:
                self.bounds[evidence] = pl.lit(_most(_levels(one, weights, evidence), rare=True))
        self.bounds |= {evidence: pl.col(f"{evidence}<") for evidence in self.looks}
        self.unseen = sum(
            _most(_levels(one, weights, e), rare=True)
            for one in encoded.values() for e in one.evidence if e not in self.looks
        )  # fmt: skip
        certain = [(v.code, self._certain(v)) for v in rules.vetoes if drop_vetoed]
        self.vetoes = [(code, holds) for code, holds in certain if holds is not None]

    def through(self, pairs: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """Return the compared pairs of a chunk, and how many were vetoed by code."""
        frame = look_at(pairs, self.looks, _FLOOR - self.weights.prior - self.unseen)
        frame = _compared(frame, self.first)
        exact = _evidence(self.first)
        veto = pl.coalesce(
            *(pl.when(holds).then(pl.lit(code)) for code, holds in self.vetoes),
            pl.lit(None, dtype=pl.String),
        )
        frame = frame.with_columns(veto.alias("veto"))
        codes = frame["veto"].drop_nulls().value_counts(name="n")
        frame = frame.filter(pl.col("veto").is_null() & (self._best(exact) >= _FLOOR))
        frame = _compared(frame, self.second)
        frame = frame.filter(self._best(exact | _evidence(self.second)) >= _FLOOR)
        frame = _compared(frame.drop(cs.ends_with("<", "^"), "veto"), self.third)
        return frame, dict(codes.iter_rows())

    def _best(self, exact: frozenset[str]) -> pl.Expr:
        """Return the greatest score possible; the levels of `exact` evidence are known."""
        parts = [
            weight_of(
                e,
                self.weights.levels[e],
                chances=self.weights.levels[e][-1].rare,
                heaviest=self.weights.heaviest,
            )
            if e in exact and e in self.weights.levels
            else bound
            for e, bound in self.bounds.items()
        ]
        return self.weights.prior + pl.sum_horizontal(parts)

    def _certain(self, veto: Veto) -> pl.Expr | None:
        """Return where a veto holds whatever the rest says; None if the first round cannot tell."""
        exact = _evidence(self.first)
        if not set(veto.when) <= exact or veto.code in self.weights.disbelieved:
            return None
        holds = agrees_on(veto.when, self.weights.levels)
        for alternative in veto.unless:
            if set(alternative) <= set(self.weights.levels):
                holds = holds & ~self._possible(alternative, exact)
        return holds

    def _possible(self, wanted: Mapping[str, Sequence[str]], exact: frozenset[str]) -> pl.Expr:
        found = []
        for evidence, names in wanted.items():
            levels = self.weights.levels[evidence]
            if evidence in exact:
                found.append(agrees_on({evidence: tuple(names)}, self.weights.levels))
            elif evidence in self.looks:
                least = min(
                    (i for i, x in enumerate(levels) if x.name in names), default=len(levels)
                )
                found.append((pl.col(f"{evidence}^") >= least).fill_null("unknown" in names))
        return pl.all_horizontal(found) if found else pl.lit(value=True)


def _evidence(features: Sequence[Encoded]) -> frozenset[str]:
    return frozenset(e for one in features for e in one.evidence)


def _compared(frame: pl.DataFrame, features: Sequence[Encoded]) -> pl.DataFrame:
    for one in features:
        frame = frame.hstack(compare_feature(one, frame))
    return frame


def _most(levels: Sequence[Level], *, rare: bool) -> float:
    return max(HEAVIEST if one.rare and rare else log2(one.match / one.random) for one in levels)


def looks_of(encoded: Mapping[str, Encoded], weights: Weights) -> dict[str, Look]:
    """Return how each piece of evidence is looked at."""
    return {
        glance.evidence: _look(glance, one, _levels(one, weights, glance.evidence))
        for one in encoded.values() for glance in one.glances
    }  # fmt: skip


def _levels(one: Encoded, weights: Weights, evidence: str) -> tuple[Level, ...]:
    return weights.levels.get(evidence, one.evidence[evidence])


def _look(glance: Glance, one: Encoded, levels: Sequence[Level]) -> Look:
    """Make ready what is looked at for one piece of evidence."""
    places = {level.name: i for i, level in enumerate(levels)}
    names = [*(level for _, level in glance.checks), glance.otherwise]
    reached = [places[name] for name in names]
    weights, floors = [], []
    for at, place in enumerate(reached):
        rare = levels[place].rare and glance.rarity and at < len(glance.checks)
        weights.append(
            log2(levels[place].match / levels[place].apart)
            if rare else _most(levels[: place + 1], rare=not glance.rarity)
        )  # fmt: skip
        floors.append(_most(levels[:place], rare=False) if rare else float("nan"))
    hashed = one.values.select(
        (pl.col(c).hash(5) % (2**32 - 1) + 1).alias(c).cast(pl.UInt32) * pl.col(c).is_not_null()
        for c in glance.columns
    )
    rarity = one.values.select(-pl.col(glance.rarity).log(2.0)) if glance.rarity else None
    return Look(
        ids=one.ids.cast(pl.Int32).fill_null(-1).rechunk().to_numpy().copy(),
        codes=np.stack([c.fill_null(0).to_numpy() for c in hashed], axis=1).astype(np.uint32),
        rarity=np.zeros(0, np.float32) if rarity is None
        else rarity.to_series().fill_null(float("nan")).to_numpy().astype(np.float32),
        checks=checks_of(glance.columns, [check for check, _ in glance.checks]),
        weights=np.array(weights, np.float32),
        floors=np.array(floors, np.float32),
        reached=np.array(reached, np.int8),
    )  # fmt: skip
