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

import polars as pl

from crmmigrate.dedupe.block import unpacked
from crmmigrate.dedupe.compare import compare_feature
from crmmigrate.dedupe.evidence import Encoded, Glance, Level
from crmmigrate.dedupe.score import HEAVIEST, Weights, agrees_on, weight_of
from crmmigrate.model.matching import MatchRules, Veto
from crmmigrate.model.semantic import SemanticType

__all__ = ["Screened", "screen_pairs"]

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
        self.codes: dict[str, pl.Series] = {}
        self.bounds: dict[str, pl.Expr] = {}
        self.reached: dict[str, pl.Expr] = {}
        for name, one in encoded.items():
            for evidence in one.evidence:
                self.bounds[evidence] = pl.lit(_most(self._levels(one, evidence), rare=True))
            for glance in one.glances:
                self._look(name, one, glance)
        certain = [(v.code, self._certain(v)) for v in rules.vetoes if drop_vetoed]
        self.vetoes = [(code, holds) for code, holds in certain if holds is not None]

    def through(self, pairs: pl.DataFrame) -> tuple[pl.DataFrame, Mapping[str, int]]:
        """Return the compared pairs of a chunk, and how many were vetoed by code."""
        frame = self._glanced(pairs)
        frame = frame.filter(self._best(frozenset()) >= _FLOOR)
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
        frame = _compared(frame.drop(*self.codes_of_sides, "veto"), self.third)
        return frame, dict(codes.iter_rows())

    def _look(self, name: str, one: Encoded, glance: Glance) -> None:
        """Make ready what is looked at for one piece of evidence."""
        for column in glance.columns:
            hashed = (pl.col(column).hash(5) % 2**32).cast(pl.UInt32)
            known = pl.when(pl.col(column).is_not_null()).then(hashed)
            self._keep(f"{name}.{column}", one, known)
        if glance.rarity:
            self._keep(
                f"{name}.{glance.rarity}", one, -pl.col(glance.rarity).log(2.0).cast(pl.Float32)
            )
        levels = self._levels(one, glance.evidence)
        self.bounds[glance.evidence] = _bound(glance, levels, name)
        self.reached[glance.evidence] = _reach(glance, levels, name)

    def _levels(self, one: Encoded, evidence: str) -> tuple[Level, ...]:
        return self.weights.levels.get(evidence, one.evidence[evidence])

    def _keep(self, key: str, one: Encoded, expression: pl.Expr) -> None:
        if key not in self.codes:
            self.codes[key] = one.values.select(expression).to_series().gather(one.ids)

    @property
    def codes_of_sides(self) -> list[str]:
        """Return the columns that a chunk has while it is looked at."""
        both = [
            f"{k}:{side}" for k, c in self.codes.items() if c.dtype == pl.UInt32 for side in "ab"
        ]
        return both + [f"{k}:a" for k, c in self.codes.items() if c.dtype != pl.UInt32]

    def _glanced(self, pairs: pl.DataFrame) -> pl.DataFrame:
        found = pairs.get_columns()
        for column in self.codes_of_sides:
            key, _, side = column.rpartition(":")
            found.append(self.codes[key].gather(pairs[side]).alias(column))
        return pl.DataFrame(found)

    def _best(self, exact: frozenset[str]) -> pl.Expr:
        """Return the greatest score possible; the levels of `exact` evidence are known."""
        parts = [
            weight_of(e, self.weights.levels[e], chances=self.weights.levels[e][-1].rare)
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
            elif evidence in self.reached:
                least = min(
                    (i for i, x in enumerate(levels) if x.name in names), default=len(levels)
                )
                found.append((self.reached[evidence] >= least).fill_null("unknown" in names))
        return pl.all_horizontal(found) if found else pl.lit(value=True)


def _evidence(features: Sequence[Encoded]) -> frozenset[str]:
    return frozenset(e for one in features for e in one.evidence)


def _compared(frame: pl.DataFrame, features: Sequence[Encoded]) -> pl.DataFrame:
    for one in features:
        frame = frame.hstack(compare_feature(one, frame))
    return frame


def _most(levels: Sequence[Level], *, rare: bool) -> float:
    return max(HEAVIEST if one.rare and rare else log2(one.match / one.random) for one in levels)


def _bound(glance: Glance, levels: Sequence[Level], name: str) -> pl.Expr:
    """Return the greatest weight that the evidence can have, 0 where a side is unknown."""
    places = {level.name: i for i, level in enumerate(levels)}

    def upto(level: str) -> float:
        return _most(levels[: places[level] + 1], rare=not glance.rarity)

    bound = pl.lit(upto(glance.otherwise), dtype=pl.Float32)
    for check, level in reversed(glance.checks):
        weight = pl.lit(upto(level), dtype=pl.Float32)
        if levels[places[level]].rare and glance.rarity:
            own = pl.col(f"{name}.{glance.rarity}:a") + log2(levels[places[level]].match)
            weight = pl.max_horizontal(own, pl.lit(upto(levels[places[level] - 1].name)))
        bound = pl.when(_any_equal(name, check)).then(weight).otherwise(bound)
    return pl.when(_known(glance, name)).then(bound).otherwise(0.0)


def _reach(glance: Glance, levels: Sequence[Level], name: str) -> pl.Expr:
    """Return the number of the best level possible, null where a side is unknown."""
    places = {level.name: i for i, level in enumerate(levels)}
    best = pl.lit(places[glance.otherwise])
    for check, level in reversed(glance.checks):
        best = pl.when(_any_equal(name, check)).then(places[level]).otherwise(best)
    return pl.when(_known(glance, name)).then(best)


def _known(glance: Glance, name: str) -> pl.Expr:
    first = glance.checks[0][0][0].partition("/")[0]
    return pl.col(f"{name}.{first}:a").is_not_null() & pl.col(f"{name}.{first}:b").is_not_null()


def _any_equal(name: str, check: Sequence[str]) -> pl.Expr:
    found = []
    for columns in check:
        left, _, right = columns.partition("/")
        found.append(pl.col(f"{name}.{left}:a") == pl.col(f"{name}.{right or left}:b"))
    return pl.any_horizontal(found).fill_null(value=False)
