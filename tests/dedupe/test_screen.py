"""Screening saves work and loses nothing: what could be told of is compared."""

import random

import polars as pl
import pytest
from dedupe.people import crowd, frame, person, rules

from crmmigrate.dedupe import screen
from crmmigrate.dedupe.block import all_pairs, candidate_pairs, packed_pairs, unpacked
from crmmigrate.dedupe.compare import compare_pairs, encode_features
from crmmigrate.dedupe.score import score_pairs
from crmmigrate.dedupe.screen import screen_pairs
from crmmigrate.dedupe.train import train

REVIEW = -2.0


def slipped(rng: random.Random, text: str | None) -> str | None:
    """Mistype one letter now and then."""
    if not text or rng.random() < 0.5:
        return text
    at = rng.randrange(len(text))
    return text[:at] + rng.choice("aeionrst0123456789") + text[at + 1 :]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    rng = random.Random(7)
    fields = ("name_given", "name_family", "birth_date", "email", "phone", "address_street")
    again = [
        {**one, "_key": f"y{at}", **{f: slipped(rng, one[f]) for f in fields}}
        for at, one in enumerate(crowd(200))
    ]
    return frame(*again, person("z1", "Ana", "Pop"), person("z2", "Pop", "Ana"))


@pytest.mark.parametrize("drop_vetoed", [True, False])
def test_nothing_that_could_match_is_put_aside(table, monkeypatch, drop_vetoed):
    monkeypatch.setattr(screen, "_ALL_TOLD", 0 if drop_vetoed else 10**9)
    monkeypatch.setattr(screen, "_CHUNK", 997)
    encoded = encode_features(table, rules())
    found = candidate_pairs(encoded, rules())
    possible = table.height * (table.height - 1) / 2
    weights = train(encoded, found.pairs, rules(), table.height, possible)
    screened = screen_pairs(found.pairs, encoded, weights, rules())
    every = score_pairs(compare_pairs(encoded, unpacked(found.pairs)), weights, encoded, rules())
    worth = every.filter((pl.col("score") >= REVIEW) & pl.col("veto").is_null())
    kept = packed_pairs(screened.compared["a"], screened.compared["b"])
    missed = packed_pairs(worth["a"], worth["b"]).is_in(kept.implode()).not_().sum()
    assert worth.height > 100
    assert missed <= 0.01 * worth.height
    assert len(kept) < len(found.pairs)
    some = score_pairs(screened.compared, weights, encoded, rules()).select("a", "b", "score")
    both = some.join(every.select("a", "b", "score"), on=["a", "b"], suffix="_full")
    assert both["score"].to_list() == both["score_full"].to_list()


def test_every_pair_of_a_small_group_is_given():
    pairs = unpacked(all_pairs(pl.Series([0, 1, 0, 0, 1, 5], dtype=pl.UInt32), most=3))
    assert sorted(pairs.rows()) == [(0, 2), (0, 3), (1, 4), (2, 3)]
    assert all_pairs(pl.Series([0, 0, 0], dtype=pl.UInt32), most=2).is_empty()
