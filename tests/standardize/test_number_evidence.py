"""A column proves its decimal sign, or nothing."""

import polars as pl
import pytest

from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.standardize.number_evidence import infer_decimal_signs


@pytest.mark.parametrize(
    ("texts", "sign"),
    [
        (["1,234.50", "2,345"], "."),
        (["1.234,50 lei", "2.345"], ","),
        (["1,250,000", "5,000"], "."),
        (["99,00", "5.000"], ","),
        (["-12.5", "3.142"], "."),
        (["2,345", "5.000", "12"], None),
        (["1,234.50", "1.234,50", "2,345"], None),
        (["٩٩٫٥٠", "1,234.5"], "."),
    ],
)
def test_values_with_one_reading_prove_the_sign(texts, sign):
    values = pl.DataFrame({"text": texts, "region": ["RO"] * len(texts)})
    assert infer_decimal_signs(values).signs == ({"RO": sign} if sign else {})


@pytest.mark.parametrize("kind", [SemanticType.MONEY, SemanticType.NUMBER])
def test_each_region_reads_by_its_own_proof(book, kind):
    rows = pl.DataFrame(
        {"text": ["1,234.50", "2,345", "99,50", "2,345"], "region": ["RO", "RO", "DE", "DE"]}
    )
    evidence = infer_decimal_signs(rows)
    outcome = KINDS[kind].standardize(rows.rename({"region": "_region"}), book, evidence.options)
    assert outcome["value"].to_list() == ["1234.50", "2345", "99.50", "2.345"]
