import pytest

from crmmigrate.config.matching import load_match_rules
from crmmigrate.dedupe.decide import choose_threshold
from crmmigrate.errors import ConfigError
from crmmigrate.model.matching import Bands


@pytest.fixture
def bands(repository, tmp_path):
    """Load the rules of contacts with other bands."""
    folder = repository / "rules" / "match"
    words = (folder / "vocabulary.yaml").read_text("utf-8")
    (tmp_path / "vocabulary.yaml").write_text(words, "utf-8")
    rules = (folder / "contact.yaml").read_text("utf-8")

    def load(told):
        assert "bands: {review: 0.2}" in rules
        path = tmp_path / "contact.yaml"
        path.write_text(rules.replace("bands: {review: 0.2}", f"bands: {told}"), "utf-8")
        return load_match_rules(path).bands

    return load


def test_the_threshold_follows_from_the_cost(bands):
    assert choose_threshold(bands("{review: 0.2}")) == 0.0
    assert choose_threshold(bands("{false_merge_cost: 8}")) == 3.0
    assert choose_threshold(bands("{false_merge_cost: 0.25}")) == -2.0


def test_a_fixed_probability_comes_before_the_cost():
    assert choose_threshold(Bands(match=0.5, false_merge_cost=8)) == 0.0


def test_a_wrong_merge_costs_something(bands):
    with pytest.raises(ConfigError):
        bands("{false_merge_cost: 0}")
