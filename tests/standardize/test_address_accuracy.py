"""The accuracy that addresses have reached on the development data; each line may only rise."""

import importlib
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks" / "accuracy"
LEAST = {
    "composed RO": 95, "composed NO": 95, "composed TH": 95, "composed US": 95, "composed GB": 95, "composed CA": 95,
    "composed DE": 95, "composed FR": 95, "composed, other countries": 90, "composed, postcode alone": 98,
    "composed, province alone": 95, "province in a column": 95, "usaddress_labelled": 90, "opencage_formatting": 80,
    "libpostal_parser": 85, "OpenCage lines": 97,
}  # fmt: skip


@pytest.mark.shared
def test_no_line_of_the_table_falls(book, shared_data, monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    for name in ("line", "address", "address_truth"):
        sys.modules.pop(name, None)
    pytest.importorskip("usaddress")
    table = importlib.import_module("address")
    shares = {
        line.name: 100 * line.right / line.total
        for line in table.measure(shared_data / "standardize", book)
    }
    below = {name: shares[name] for name, least in LEAST.items() if shares[name] < least}
    assert below == {}
