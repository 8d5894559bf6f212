"""Precision and recall, counted by definition, and estimated from samples."""

import itertools
import random

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.dedupe.measures import against_truth, expected, from_sample
from crmmigrate.stages.evaluate import sample_pairs

LABELS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14)


@given(LABELS)
def test_figures_are_those_of_the_definitions(labels):
    frame = pl.DataFrame(labels, schema=["cluster_id", "entity"], orient="row")
    found = against_truth(frame)
    pairs = list(itertools.combinations(labels, 2))
    made, true = ({i for i, (x, y) in enumerate(pairs) if x[k] == y[k]} for k in (0, 1))
    assert found.precision == pytest.approx(len(made & true) / len(made) if made else 1)
    assert found.recall == pytest.approx(len(made & true) / len(true) if true else 1)
    shares = []
    for k in (0, 1):
        each = [sum(x == y for y in labels) / sum(x[k] == y[k] for y in labels) for x in labels]
        shares.append(sum(each) / len(each))
    assert (found.cubed_precision, found.cubed_recall) == pytest.approx(tuple(shares))


def population(seed):
    """Pairs whose probabilities are right: each is true with its own probability."""
    rng = random.Random(seed)
    rows = []
    for number in range(6_000):
        chance = rng.choice([0.03, 0.2, 0.4, 0.6, 0.8, 0.95, 0.999])
        rows.append(
            (
                f"a{number}",
                f"b{number}",
                chance,
                "match" if chance > 0.5 else "no_match",
                rng.random() < chance,
            )
        )
    columns = ["key_a", "key_b", "probability", "judgement", "true"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def shares(pairs):
    matched = pairs.filter(pl.col("judgement") == "match")
    return matched["true"].mean(), matched["true"].sum() / pairs["true"].sum()


def test_right_probabilities_promise_what_is_true():
    pairs = population(1)
    assert expected(pairs) == pytest.approx(shares(pairs), abs=0.02)


def test_intervals_of_samples_hold_the_truth_as_often_as_they_say():
    pairs = population(2)
    precision, recall = shares(pairs)
    held = 0
    for seed in range(60):
        drawn = sample_pairs(pairs, 200, seed)
        judged, sizes = {}, {}
        for row in drawn.iter_rows(named=True):
            judged.setdefault(row["stratum"], []).append((row["matched"] == "yes", row["true"]))
            sizes[row["stratum"]] = row["stratum_size"]
        p, r = from_sample(judged, sizes)
        held += (p.low <= precision <= p.high) + (r.low <= recall <= r.high)
    assert held >= 0.88 * 120


def test_a_sample_has_pairs_of_every_probability():
    drawn = sample_pairs(population(3), 70)
    assert drawn.height == 70
    assert drawn["stratum"].n_unique() == 7
    assert sample_pairs(population(3), 70).equals(drawn)
