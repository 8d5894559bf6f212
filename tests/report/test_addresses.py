import polars as pl

from crmmigrate.report.addresses import count_addresses


def test_addresses_are_counted_by_country_and_status():
    rows = pl.LazyFrame(
        {
            "home_country": ["RO", "RO", None, "NO", None],
            "home_validity": ["valid", "incomplete", "not_an_address", "valid", None],
        }
    )
    (counts,) = count_addresses(rows, ["home", "work"])
    assert {row[0]: row[1:] for row in counts.iter_rows()} == {
        "RO": (1, 0, 1, 0, 0),
        "NO": (1, 0, 0, 0, 0),
        "": (0, 0, 0, 0, 1),
    }
