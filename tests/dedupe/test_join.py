"""Clusters that are one by the evidence of all their records together."""

import polars as pl
import pytest

from crmmigrate.dedupe.evidence import Encoded, Level
from crmmigrate.dedupe.join import join_clusters
from crmmigrate.dedupe.score import Weights
from crmmigrate.model.matching import Feature, MatchRules
from crmmigrate.model.semantic import SemanticType

LEVELS = (Level("different", 0.1, 0.9), Level("exact", 0.9, 0.1))
NAMES = ("name", "phone", "date")


def encoded():
    return {
        name: Encoded(Feature(name, SemanticType.TEXT, (name,)), {name: LEVELS}, pl.Series([], dtype=pl.UInt32), pl.DataFrame())
        for name in NAMES
    }  # fmt: skip


def scored(*rows, veto=None):
    """Pairs (a, b, weight by feature); records 0 and 1 are one cluster, 2 is alone."""
    frame = pl.DataFrame(
        [(a, b, -6.0 + sum(w), *w) for a, b, *w in rows],
        schema={
            "a": pl.UInt32,
            "b": pl.UInt32,
            "score": pl.Float64,
            **{f"{n}!": pl.Float64 for n in NAMES},
        },
        orient="row",
    )
    return frame.with_columns(pl.lit(veto, pl.String).alias("veto"))


def joined(pairs, more=None):
    weights = Weights(dict.fromkeys(NAMES, LEVELS), -6.0)
    labels = pl.Series("label", [0, 0, 2], dtype=pl.UInt32)

    def score_more(wanted):
        assert more is not None
        return more

    found = join_clusters(
        pairs, labels, 0.0, weights, encoded(), MatchRules("contact", ()), score_more
    )
    return found[1].to_list()


def test_what_one_member_shares_and_what_the_other_shares_count_together():
    assert joined(scored((0, 2, 3.0, 2.5, 0.0), (1, 2, 3.0, 0.0, 2.5))) == [0, 0, 0]


def test_the_best_of_several_must_be_better_than_one():
    """6.5 bits would do against odds of 6 for one pair, but not for the better of two."""
    assert joined(scored((0, 2, 3.0, 2.0, -1.0), (1, 2, 3.0, 0.0, 1.5))) == [0, 0, 2]


def test_a_veto_between_any_two_keeps_clusters_apart():
    pairs = scored((0, 2, 3.0, 3.0, 3.0))
    assert joined(pairs, more=scored((1, 2, 3.0, 0.0, 3.0), veto="DUP202")) == [0, 0, 2]


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_what_is_far_from_a_match_stays_alone(weight):
    assert joined(scored((0, 2, weight, 0.0, 0.0), (1, 2, weight, 0.0, 0.0))) == [0, 0, 2]
