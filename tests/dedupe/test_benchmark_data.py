"""The default rules on data sets with truth: a floor below which quality must not fall."""

import importlib.util

import pytest

FLOORS = {
    "febrl3": (0.99, 0.995),
    "chicago_childcare": (0.955, 0.965),
    "fodors_zagats": (0.955, 0.99),
    "rldata500": (0.93, 0.99),
    "fake_1000": (0.90, 0.92),
    "business": (0.55, 0.95),
}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", FLOORS)
def test_floor(name, shared_data, repository):
    spec = importlib.util.spec_from_file_location(
        "match_benchmark", repository / "benchmarks" / "match.py"
    )
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    found = benchmark.measure(shared_data / "dedupe" / name)
    pairwise, cubed = FLOORS[name]
    assert found["F1"] >= pairwise, found
    assert found["B3 F1"] >= cubed, found
