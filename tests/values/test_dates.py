import csv
import io

import polars as pl
import pytest

from crmmigrate.standardize.dates import standardize_datetimes
from crmmigrate.values.calendars import gregorian
from crmmigrate.values.dates import read_date, read_datetime


@pytest.mark.parametrize(
    ("text", "region", "day"),
    [
        ("2024-02-29", None, "2024-02-29"), ("29.02.2024", "RO", "2024-02-29"), ("03/04/2024", "RO", "2024-04-03"),
        ("03/04/2024", "US", "2024-03-04"), ("2/29/24", "US", "2024-02-29"), ("29 februarie 2024", "RO", "2024-02-29"),
        ("joi, 29 februarie 2024", "RO", "2024-02-29"), ("1. juni 2031", "NO", "2031-06-01"), ("5.XI.2023", "PL", "2023-11-05"),
        ("13 ก.ค. 2568", "TH", "2025-07-13"), ("๓๑ ธันวาคม ๒๕๔๒", "TH", "1999-12-31"), ("29/2/2567", "TH", "2024-02-29"),
        ("29 กุมภาพันธ์ ค.ศ. 2024", "TH", "2024-02-29"), ("令和6年2月29日", "JP", "2024-02-29"), ("令和元年5月1日", "JP", "2019-05-01"),
        ("H11/12/31", "JP", "1999-12-31"), ("民國113年2月29日", "TW", "2024-02-29"), ("۱۰ اسفند ۱۴۰۲", "IR", "2024-02-29"),
        ("١٨ محرم ١٤٤٧ هـ", "SA", "2025-07-13"), ("45351", "RO", "2024-02-29"), ("45351.0", "RO", "2024-02-29"),
        ("20240229", None, "2024-02-29"), ("Feb 29, 2024", None, "2024-02-29"), ("29th of February 2024", "GB", "2024-02-29"),
        ("2024年2月29日", None, "2024-02-29"), ("24. 2. 29.", "KR", "2024-02-29"), ("31.12.99", "DE", "1999-12-31"),
        ("marți, 20 ianuarie 1953", "RO", "1953-01-20"), ("mar 5 mar 2024", "ES", "2024-03-05"), ("19 شتنبر 2004", "MA", "2004-09-19"),
        ("2024-W09-4", None, "2024-02-29"), ("2024-060", None, "2024-02-29"), ("31122024", "RO", "2024-12-31"), ("05/11/23", "TH", "2023-11-05"),
        ("2024-02-29 00:00:00", None, "2024-02-29"), ("29 בפברואר 2024", "IL", "2024-02-29"),
        ("3. Mrz. 2024", "DE", "2024-03-03"), ("5 lutego 2024 r.", "PL", "2024-02-05"), ("5.02.2024 r.", "PL", "2024-02-05"),
        ("ngày 5 tháng 2 năm 2024", "VN", "2024-02-05"),
        ("geb. 04.03.1960", "DE", "1960-03-04"), ("născut 12.05.1985", "RO", "1985-05-12"), ("født 17.5.1980", "NO", "1980-05-17"), ("จันทร์ที่ 5 กุมภาพันธ์ 2567", "TH", "2024-02-05"),
    ],
)  # fmt: skip
def test_dates_are_read_in_the_habits_of_their_region(book, text, region, day):
    assert read_date(text, book.get(region)).value == day


@pytest.mark.parametrize(
    ("text", "region", "code"),
    [
        ("03/04/2024", None, "STD404"), ("03/04/2024", "CA", "STD404"), ("0000-00-00", "RO", "STD408"),
        ("1900-01-00", "US", "STD408"), ("00/00/0000", "GB", "STD408"), ("n/a", "RO", "STD408"), ("02/2024", "RO", "STD409"),
        ("Feb 2024", "US", "STD409"), ("2024", "US", "STD409"), ("2023-02-30", "RO", "STD413"), ("31.04.2024", "DE", "STD413"),
        ("soon", "US", "STD410"), ("0722 123 456", "RO", "STD410"), ("01.01.0201", "RO", "STD414"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_stays_as_it_was(book, text, region, code):
    outcome = read_date(text, book.get(region))
    assert outcome.value == text
    assert outcome.codes == (code,)
    assert outcome.confidence == 0


def test_the_order_of_the_column_goes_before_the_order_of_the_region(book):
    assert read_date("03/04/2024", book.get("RO"), "mdy").value == "2024-03-04"
    assert read_date("03/04/2024", book.get(None), "dmy").value == "2024-04-03"


def test_a_date_against_the_order_of_the_region_is_told(book):
    outcome = read_date("12/25/2024", book.get("RO"))
    assert (outcome.value, outcome.status, outcome.codes) == ("2024-12-25", "repaired", ("STD403",))


def test_a_two_digit_buddhist_year_names_its_other_reading(book):
    outcome = read_date("5/11/66", book.get("TH"))
    assert outcome.value == "2023-11-05"
    assert "STD417" in outcome.codes
    assert outcome.alternatives == ("1966-11-05",)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-02-29T10:11:12.123Z", "2024-02-29T10:11:12.123+00:00"), ("29.02.2024 10:05", "2024-02-29T10:05:00"),
        ("Thu Feb 29 2024 00:00:00 GMT+0100 (CET)", "2024-02-29T00:00:00+01:00"), ("45351.75", "2024-02-29T18:00:00"),
        ("29 Feb 2024 5:30 pm", "2024-02-29T17:30:00"), ("2024-02-29", "2024-02-29T00:00:00"),
        ("2024-02-28 24:00", "2024-02-29T00:00:00"), ("29.02.2024 14.30", "2024-02-29T14:30:00"), ("20240229T101112Z", "2024-02-29T10:11:12+00:00"),
        ("2024-02-29 12:00 AM", "2024-02-29T00:00:00"), ("2024-02-29T10:05:00+05:30", "2024-02-29T10:05:00+05:30"),
    ],
)  # fmt: skip
def test_times_of_day_are_kept_in_datetimes(book, text, moment):
    outcome = read_datetime(text, book.get("RO"))
    assert outcome.value == moment
    assert read_datetime(moment, book.get("RO")).value == moment


def test_a_dropped_time_is_told(book):
    assert "STD411" in read_date("29.02.2024 10:05", book.get("RO")).codes


@pytest.mark.parametrize(
    ("calendar", "there", "here"),
    [
        ("persian", (1403, 12, 30), "2025-03-20"), ("persian", (1402, 12, 30), None), ("persian", (1400, 1, 1), "2021-03-21"),
        ("islamic", (1445, 9, 1), "2024-03-11"), ("islamic", (1445, 13, 1), None), ("buddhist", (2567, 2, 29), "2024-02-29"),
        ("roc", (113, 2, 30), None),
    ],
)  # fmt: skip
def test_calendars_know_their_days(calendar, there, here):
    found = gregorian(calendar, *there)
    assert (found.isoformat() if found else None) == here


@pytest.mark.shared
@pytest.mark.parametrize(("name", "share"), [("cldr_dates", 0.99), ("icu_calendars", 0.99)])
def test_dates_of_many_locales(book, shared_data, name, share):
    path = shared_data / "standardize" / "date" / f"{name}.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    right = sum(read_date(r["input"], book.get(r["region"])).value == r["expected"] for r in rows)
    assert right / len(rows) >= share


@pytest.mark.parametrize("text", ["1900-01-01", "01.01.1900", "1900-01-01 00:00:00"])
def test_the_first_day_of_many_databases_is_a_placeholder(book, text):
    outcome = read_date(text, book.get("RO"))
    assert (outcome.value, outcome.status, outcome.codes) == (text, "invalid", ("STD408",))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-01-15T10:30:00.123456Z", "2024-01-15T10:30:00.123456+00:00"),
        ("15.01.2024 10:30:00,5", "2024-01-15T10:30:00.5"),
        ("2024-01-15 10:30:00.000", "2024-01-15T10:30:00"),
    ],
)
def test_fractions_of_a_second_are_kept(book, text, value):
    rules = book.get("RO")
    assert read_datetime(text, rules).value == value
    assert read_datetime(value, rules).status == "unchanged"
    frame = pl.DataFrame({"text": [text, value], "_region": ["RO", "RO"]})
    assert standardize_datetimes(frame, book, {})["value"].to_list() == [value, value]
