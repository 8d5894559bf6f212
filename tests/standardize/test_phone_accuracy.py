"""The table of accuracy of phone numbers holds on the development data."""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "accuracy"


@pytest.mark.shared
def test_every_line_of_the_table_reaches_its_target(book, shared_data, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("line", "phone"):
        sys.modules.pop(name, None)
    table = importlib.import_module("phone")
    lines = list(table.measure(shared_data / "standardize", book))
    assert sum(line.total for line in lines) > 1000
    below = {
        line.name: line.wrong[:3]
        for line in lines
        if line.target is not None and 100 * line.right < line.target * line.total
    }
    assert below == {}
