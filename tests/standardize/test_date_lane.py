"""The lane of shapes reads dates as the scalar does, whatever the text."""

from functools import partial

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.date_evidence import infer_date_order
from crmmigrate.standardize.dates import (
    read_dates_by_shape,
    standardize_dates,
)
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.standardize.outcomes import outcome_frame
from crmmigrate.values.dates import read_date, read_datetime

as_dates = partial(read_dates_by_shape, moments=False)
as_datetimes = partial(read_dates_by_shape, moments=True)
"""The lane of long columns, whatever their length."""

DIGITS = st.from_regex(r"[0-9]{1,4}", fullmatch=True)
DAYS = st.integers(1, 31).map(str) | st.integers(1, 31).map("{:02}".format)
MONTHS = st.sampled_from(
    ["1", "02", "12", "martie", "Mar", "ก.พ.", "年2月", "رمضان", "مهر", "februar", "XI", "7月"]
)
YEARS = st.sampled_from(
    ["2024", "24", "99", "67", "2567", "113", "1402", "1445", "令和6", "H11", "0"]
)
SIGNS = st.sampled_from(["/", ".", "-", " ", ". ", ", ", "年", "日"])
TIMES = st.sampled_from(
    ["", "", "", " 10:05", "T10:05:33Z", " 3:07 pm", " 12:00 AM", " 24:00", " 25:61", " 14.30",
     "T23:59:59.123+05:30", " 10:05:00 GMT+0100 (CET)", " 00:00:00", " 7 PM"]
)  # fmt: skip
WHOLE = st.sampled_from(
    ["20240229", "31122024", "45351", "45351.5", "1709251200", "1709251200123", "20240229101112",
     "2024-W09-4", "2024-060", "2024-02", "0000-00-00", "9999-12-31", "n/a", "0", "#DIV/0!", "",
     "soon", "٢٩/٢/٢٠٢٤", "๒๙ ก.พ. ๒๕๖๗", "29\u00a0februarie  2024 ", "\u200f29/2/2024", "12345678901"]
)  # fmt: skip
WRITTEN = st.builds(
    "{}{}{}{}{}{}".format, DAYS | YEARS, SIGNS, MONTHS | DIGITS, SIGNS, YEARS | DAYS, TIMES
)
TEXTS = st.lists(WRITTEN | WHOLE | st.text(max_size=12), min_size=1, max_size=12)
REGIONS = st.sampled_from(["RO", "US", "TH", "JP", "IR", "SA", "TW", "HU", "CA", None])
OPTIONS = st.sampled_from(
    [{}, {"date_order": "mdy"}, {"date_order": "either"}, {"date_order": "dmy", "date_era": "gregorian"},
     {"date_order": "ymd", "date_era": "buddhist", "date_evidence": "3 prove it"}]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(texts=TEXTS, region=REGIONS, options=OPTIONS)
@pytest.mark.parametrize(
    ("kernel", "scalar"), [(as_dates, read_date), (as_datetimes, read_datetime)]
)
def test_dates_are_read_alike(kernel, scalar, texts, region, options):
    book = load_region_book()
    every = texts * 2
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": every, "_region": [region] * len(every)}, schema=schema)
    settled = [options.get(name) for name in ("date_order", "date_era")]
    evidence = options.get("date_evidence", "")
    expected = [scalar(text, book.get(region), *settled, evidence) for text in texts] * 2
    assert kernel(frame, book, options).equals(outcome_frame(expected))
    for outcome in expected[: len(texts)]:
        assert scalar(outcome.value, book.get(region), *settled).value == outcome.value


COLUMN = [
    "2024-02-29T10:05:33.000+0000", "2024-02-29 10:05:33.1234567", "2024-02-29T10:05:33-03:30", "1753-01-01",
    "0001-01-01", "31.12.9999 00:00", "1899-12-31T00:00:00", "٢٩/٢/٢٠٢٤", "29. februar 2024 kl. 10:05",
    "Thursday, February 29, 2024, 3:07 PM", "2024年2月29日 오후 3:07", "20240229, 10:05", "20240229101112",
    "29/2/2024 24:00", "5/6/2024 T 10:05", "29 Feb 2024 a.m. 10:05", "31/02/2024", "29/02/1500", "02/29/24",
    "29\u00a02\u00a02024", "2\u200b9/2/2024", "令和元年5月1日", "民國1年1月1日", "soon 5", None, "",
]  # fmt: skip


@pytest.mark.parametrize("region", ["DE", "US", "TW", "TH", "KR", "CA", None])
@pytest.mark.parametrize(
    ("kernel", "scalar"), [(as_dates, read_date), (as_datetimes, read_datetime)]
)
def test_a_column_of_many_shapes_is_read_as_each_cell(book, kernel, scalar, region):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": COLUMN, "_region": [region] * len(COLUMN)}, schema=schema)
    expected = outcome_frame([scalar(text, book.get(region)) for text in COLUMN])
    assert kernel(frame, book, {}).rows() == expected.rows()


NAMED = [
    "Thursday, February 29, 2024", "Friday, March 1, 2024", "1 mars 2024", "2 mai 2024", "3 mar 2024", "mar 4, 2024",
    "5 mai 07", "6 pm 2024", "7 am mai 2024", "8 mai am 2024", "9 mai-juin 2024", "10 soon 2024", "11 มีนาคม พ.ศ. 2567",
    "12 เมษายน 2567", "13 เมษายน 2567", "14 רמדאן 1445", "15 رمضان 1445", "16 شوال 1445", "R6年 5月", "may 17 h 2024",
]  # fmt: skip


@pytest.mark.parametrize("region", ["FR", "US", "TH", "ES", "SA", None])
def test_shapes_that_differ_in_the_month_are_planned_as_each(book, region):
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": NAMED, "_region": [region] * len(NAMED)}, schema=schema)
    expected = outcome_frame([read_date(text, book.get(region)) for text in NAMED])
    assert as_dates(frame, book, {}).rows() == expected.rows()


MIXED = [
    *(f"{text}{clock}" for text in NAMED for clock in ("", " 10:05", ", 10:05:33", " 3:07 PM", "T10:05Z")),
    *("29 февраля 2024\u202fг.", "1 марта 2024\u202fг. 10:05", "2 мая 2024\u202f г.", "3\xa0июня\xa02024", "4 июля 2024 "),
    *("'5/6/2024", "5/6/2024?", "5/6/24;", "(5-6-2024)", "5 & 6 2024", "13h 2 mai 2024 10:05", "1 mai 10h30 2024"),
    *("Thursday, March 2, 24", "Thursday, Marching 2, 24", " Friday, March 3, 2024", "Friday,  March 4, 2024", "٢ مايو ٢٠٢٤ ١٠:٠٥"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kernel", "scalar"), [(as_dates, read_date), (as_datetimes, read_datetime)]
)
def test_a_column_of_many_regions_is_read_as_each_cell(book, kernel, scalar):
    regions = ["US", "RU", "FR", "GB", "TH", "DE", "CA", "IL", "VN", "HU", None]
    rows = [(text, region) for text in MIXED for region in regions]
    frame = pl.DataFrame(rows, schema={"text": pl.String, "_region": pl.String}, orient="row")
    expected = outcome_frame([scalar(text, book.get(region)) for text, region in rows])
    assert kernel(frame, book, {}).rows() == expected.rows()
    assert kernel(frame.reverse(), book, {}).rows() == expected.reverse().rows()


def test_serials_may_count_from_1904(book):
    texts = ["43889", "43889.5", "2020-02-28"]
    frame = pl.DataFrame({"text": texts * 30, "_region": ["DE"] * 90})
    done = as_datetimes(frame, book, {"date_system": "1904"})
    expected = [read_datetime(text, book.get("DE"), system="1904") for text in texts * 30]
    assert done.equals(outcome_frame(expected))
    assert done["value"][:2].to_list() == ["2024-02-29T00:00:00", "2024-02-29T12:00:00"]


SPREADSHEET = ["45351.5", "45351.000005", "45351.9999999", "45351.123456789012", "45351.1234567890123456", "01234",
               "1709251200", "2709251200", "1709251200123", "45351 10:05"]  # fmt: skip
ODD_TIMES = ["2024-02-29T10:05:33.000+0000", "2024-02-29T10:05:33.120-0330", "29.02.2024 12:00 am", "29.02.2024 0:30 pm",
             "29.02.24 10:05:33.5", "2024-02-29T23:59:59-00:00", "2024-02-29 10:05 EST", "2024-02-29 10:05+16:00"]  # fmt: skip
NEVER_DATES = [
    "00.00.0000",
    "1900-01-00 x",
    "01.01.1900 x",
    "01.01.1901 x",
    "9999-12-31",
    "0000-00-00 x",
    "2024-01-00 x",
]
LUNAR = ["1/7/1402", "30/12/1403", "30/12/1402", "31/6/1403", "31/7/1403", "1/1/900", "29 رمضان 1445", "30 رمضان 1444",
         "30 رمضان 1445", "1 رمضان 999", "٢٩/٢/٢٠٢٤", "๒๙/๐๒/๒๕๖๗", "𝟐𝟎𝟐𝟒-𝟎𝟐-𝟐𝟗", "2024-02-29"]  # fmt: skip


@pytest.mark.parametrize("region", ["IR", "SA", "TH", "US", None])
@pytest.mark.parametrize(
    ("kernel", "scalar"), [(as_dates, read_date), (as_datetimes, read_datetime)]
)
def test_rare_writings_are_read_as_each_cell(book, kernel, scalar, region):
    texts = [*SPREADSHEET, *ODD_TIMES, *NEVER_DATES, *LUNAR]
    schema = {"text": pl.String, "_region": pl.String}
    frame = pl.DataFrame({"text": texts, "_region": [region] * len(texts)}, schema=schema)
    expected = outcome_frame([scalar(text, book.get(region)) for text in texts])
    assert kernel(frame, book, {}).rows() == expected.rows()


def _evidence(texts, region, book):
    return infer_date_order(pl.Series(texts), book.get(region))


def test_a_column_proves_its_order(book):
    evidence = _evidence(["03/04/2024", "12/25/2024", "1/31/2024"], "RO", book)
    assert (evidence.order, evidence.dmy, evidence.mdy, evidence.either) == ("mdy", 0, 2, 1)
    frame = pl.DataFrame({"text": ["03/04/2024"], "_region": ["RO"]})
    row = standardize_dates(frame, book, evidence.options).row(0, named=True)
    assert (row["value"], row["codes"]) == ("2024-03-04", ["STD402"])
    assert row["message"].startswith("0 distinct values of the column prove day before month, 2 ")


def test_a_column_that_proves_nothing_is_asked_about(book):
    evidence = _evidence(["03/04/2024", "05/06/2024"], None, book)
    assert evidence.order is None
    frame = pl.DataFrame(
        {"text": ["03/04/2024"], "_region": [None]}, schema_overrides={"_region": pl.String}
    )
    row = standardize_dates(frame, book, evidence.options).row(0, named=True)
    assert (row["value"], row["status"], row["codes"]) == ("03/04/2024", "ambiguous", ["STD404"])
    assert row["message"].endswith("2 fit both")


@pytest.mark.parametrize(
    ("texts", "era", "day"),
    [(["1/2/99", "3/4/23"], "gregorian", "2023-04-03"), (["1/2/45", "3/4/23"], "buddhist", "1980-04-03"),
     (["1/2/45", "1/2/99", "3/4/23"], None, "2023-04-03")],
)  # fmt: skip
def test_short_years_of_a_thai_column_settle_each_other(book, texts, era, day):
    evidence = _evidence(texts, "TH", book)
    assert evidence.era == era
    assert read_date("3/4/23", book.get("TH"), evidence.order, evidence.era).value == day


def test_only_what_cannot_be_read_is_repaired(book):
    texts = ["29 février 2024", "29 fÃ©vrier 2024", "29 fÃ©vr"]
    frame = pl.DataFrame({"text": texts, "_region": ["FR"] * 3})
    done = KINDS["date"].standardize(frame, book, {})
    assert done["value"].to_list() == ["2024-02-29", "2024-02-29", texts[2]]
    assert "STD902" in done["codes"][1] or len(done["codes"][1]) > 1


def test_regions_have_options_of_their_own(book):
    texts = ["07/08/2024", "2 mai 2024", "31/12/2024", "12/31/2024", "x", "07/08/24"] * 30
    regions = ["US", "RO", None, "DE", "US", "CA"] * 30
    own = {"US": {"date_order": "dmy"}, "DE": {"date_order": "either"}, None: {"date_order": "mdy"}}
    frame = pl.DataFrame({"text": texts, "_region": regions})
    expected = [
        read_date(text, book.get(region), order=own.get(region, {}).get("date_order"))
        for text, region in zip(texts, regions, strict=True)
    ]
    read = as_dates(frame, book, {"date_regions": own})
    assert read.equals(outcome_frame(expected))
    assert read["value"][0] == "2024-08-07"
