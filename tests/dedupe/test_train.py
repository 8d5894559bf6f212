"""What is learnt without labels: chance, told apart from the matches among random pairs."""

import pytest
from dedupe.people import crowd, frame, rules

from crmmigrate.dedupe.block import candidate_pairs
from crmmigrate.dedupe.compare import encode_features
from crmmigrate.dedupe.score import Weights
from crmmigrate.dedupe.train import train


def learnt(*again: dict[str, str | None]) -> Weights:
    table = frame(*again)
    encoded = encode_features(table, rules())
    pairs = candidate_pairs(encoded, rules()).pairs
    return train(encoded, pairs, rules(), table.height, table.height * (table.height - 1) / 2)


@pytest.mark.parametrize("evidence", ["birth_date", "address.street"])
def test_a_value_that_only_duplicates_share_is_less_of_chance(evidence):
    twice = learnt(*({**one, "_key": f"y{at}"} for at, one in enumerate(crowd())))
    alone = learnt()
    assert twice.levels[evidence][-1].apart < 0.8
    assert alone.levels[evidence][-1].apart > 0.8


def test_disagreement_of_random_pairs_stays_what_it_was():
    levels = learnt(*({**one, "_key": f"y{at}"} for at, one in enumerate(crowd()))).levels
    assert levels["birth_date"][0].apart > 0.99
