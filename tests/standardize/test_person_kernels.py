"""Kernels of text, phone, e-mail, person, organization and web address: promises of every kernel."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.config.codes import load_rules
from crmmigrate.model.changelog import CHANGE_FRAME
from crmmigrate.model.semantic import PARTS, SemanticType, part_column
from crmmigrate.standardize.fields import (
    FieldInput,
    read_field,
    standardize_field,
    standardize_values,
)
from crmmigrate.standardize.kinds import KINDS
from crmmigrate.values.emails import read_email
from crmmigrate.values.name_words import name_words
from crmmigrate.values.names import read_name
from crmmigrate.values.phone_cells import phone_words
from crmmigrate.values.phones import read_phone
from crmmigrate.values.urls import read_url

TYPES = [
    SemanticType.TEXT,
    SemanticType.PHONE,
    SemanticType.EMAIL,
    SemanticType.PERSON_NAME,
    SemanticType.ORGANIZATION,
    SemanticType.URL,
]

CELLS = [
    "0722 123 456", "0722123456 / 0733123456", "+40 (0)722 123 456", "40722123456.0", "(212) 555-0123 x12",
    "21 31 41 51", "(work) 0722123456", "n/a", "-", "0000000", "ion@firma.ro", "Ion@FIRMA.ro; b@c.de", "Ion <ion@firma.ro>",
    "info@Firma.RO", "ion@gmial.com", "POPESCU Ion", "Popescu, Ion", "ION POPESCU", "Ion & Maria Popescu",
    "Dr. Jan van der Berg", "nagy istván", "王小明", "S.C. Acme S.R.L.", "Acme GmbH Berlin", "ООО «Ромашка»", "AS", "www.firma.ro",
    "http://firma.ro/?utm_source=x", "CafÃ©", "Constanþa", " Ion \u200b Popescu ", "a &amp; b", "x" * 3000, "\x00", "",
    "  ", None, "Ştefan", "Nan", "مرحبا", "👩‍💻", "John Smith Jr.", "SMITH", "mary-jane o'neil",
]  # fmt: skip

REGIONS = ["RO", "US", "TH", "HU", "DE", None, "XX"]


@pytest.fixture(scope="module")
def frame():
    rows = [(cell, region) for cell in CELLS for region in REGIONS]
    return pl.DataFrame(rows, schema={"v": pl.String, "_region": pl.String}, orient="row")


def run(frame, kind, book):
    return standardize_field(frame, FieldInput("v", kind), book)


def log(frame, kind, book):
    """Return the change log; the number of the row is the key."""
    keys = pl.Series([str(number) for number in range(frame.height)], dtype=pl.String)
    reading = read_field(frame, FieldInput("v", kind), book)
    return reading.changes(keys, pl.Series([None] * frame.height, dtype=pl.String))


@pytest.mark.parametrize("kind", TYPES)
def test_shape_of_the_contract(kind, frame, book):
    result = run(frame, kind, book)
    parts = [part_column("v", part) for part in PARTS.get(kind, ())]
    assert result.columns == ["v", "_region", *parts]
    assert result.height == frame.height
    assert log(frame, kind, book).schema == CHANGE_FRAME
    blank = frame["v"].str.strip_chars().str.len_chars().fill_null(0) == 0
    readable = frame["v"] != "\x00"
    assert result.filter(~blank & readable)["v"].null_count() == 0


@pytest.mark.parametrize("kind", TYPES)
def test_idempotent(kind, frame, book):
    once = run(frame, kind, book)
    twice = run(once, kind, book)
    different = once.with_columns(other=twice["v"], raw=frame["v"]).filter(
        pl.col("v").ne_missing(pl.col("other"))
    )
    assert different.is_empty(), different
    parts = [part_column("v", part) for part in PARTS.get(kind, ())]
    assert once.select(parts).equals(twice.select(parts))


@pytest.mark.parametrize("kind", TYPES)
def test_closed_under_concatenation(kind, frame, book):
    whole = run(frame, kind, book)
    pieces = pl.concat([run(frame[:100], kind, book), run(frame[100:], kind, book)])
    assert whole.equals(pieces)


@pytest.mark.parametrize("kind", TYPES)
def test_what_changed_is_told_with_a_known_code(kind, frame, book):
    rules = load_rules()
    result = run(frame, kind, book)
    told = {row["_key"]: row for row in log(frame, kind, book).iter_rows(named=True)}
    for number, (before, after) in enumerate(zip(frame["v"], result["v"], strict=True)):
        row = told.get(str(number))
        if row is not None:
            codes = row["codes"].split(";")
            assert all(code in rules for code in codes)
            assert row["rule"] == codes[0]
            assert len(set(codes)) == len(codes)
            assert (row["before"], row["after"]) == (before, after)
        assert row is not None or before == after or after is None, before


@pytest.mark.parametrize("kind", list(SemanticType))
def test_every_kind_takes_an_empty_and_an_all_null_frame(kind, book):
    text = pl.Binary if kind is SemanticType.BINARY else pl.String
    schema = {"text": text, "_region": pl.String}
    for empty in (
        pl.DataFrame(schema=schema),
        pl.DataFrame({"text": [None], "_region": [None]}, schema),
    ):
        result = KINDS[kind].standardize(empty, book, {})
        assert result.height == empty.height
        assert result["value"].null_count() == empty.height


@pytest.mark.parametrize(
    ("kind", "scalar"),
    [
        (SemanticType.PHONE, lambda t, r, b: read_phone(t, r, phone_words(b.get(r).phone)).status),
        (SemanticType.EMAIL, lambda t, _r, _b: read_email(t).status),
        (
            SemanticType.PERSON_NAME,
            lambda t, r, b: read_name(t, name_words(r, b.get(r).name)).status,
        ),
        (SemanticType.URL, lambda t, _r, _b: read_url(t).status),
    ],
)
def test_vectorised_is_scalar(kind, scalar, frame, book):
    clean = frame.filter(
        pl.col("v").str.contains(r"^[\x21-\x7e]+( [\x21-\x7e]+)*$"), pl.col("_region") != "XX"
    ).filter(~pl.col("v").str.contains("&\\w+;"))
    result = standardize_values(clean, FieldInput("v", kind), book)
    for text, region, status in zip(clean["v"], clean["_region"], result["status"], strict=True):
        assert status == scalar(text, region, book), (text, region)


digits = st.text("0123456789+-. ()/", min_size=5, max_size=18)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(digits, st.sampled_from(["RO", "US", "GB", "IT", "AR", "DE"])),
        min_size=1,
        max_size=30,
    )
)
def test_phone_lanes_agree(book, cells):
    frame = pl.DataFrame(cells, schema={"v": pl.String, "_region": pl.String}, orient="row")
    result = standardize_values(frame, FieldInput("v", SemanticType.PHONE), book)
    for (text, region), value, valid in zip(cells, result["value"], result["valid"], strict=True):
        tidy = " ".join(text.split())
        reading = read_phone(tidy, region, phone_words(book.get(region).phone)) if tidy else None
        if reading is None:
            assert value is None
        else:
            assert value == (reading.number.e164 if reading.valid else text)
            assert valid == ("true" if reading.valid else "false")


local = st.text("abcXYZ019._-+%", min_size=1, max_size=10)
domain = st.text("abcXYZ019.-", min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.builds("{}@{}".format, local, domain), min_size=1, max_size=30))
def test_email_lanes_agree(book, cells):
    frame = pl.DataFrame(
        {"v": cells, "_region": [None] * len(cells)}, {"v": pl.String, "_region": pl.String}
    )
    result = standardize_values(frame, FieldInput("v", SemanticType.EMAIL), book)
    for text, value, codes in zip(cells, result["value"], result["codes"], strict=True):
        reading = read_email(text)
        assert value == (reading.value or text)
        assert tuple(codes) == reading.codes


def test_parts_of_names_come_from_their_columns(book):
    frame = pl.DataFrame(
        {
            "n_given": ["ION", None, "István", "n/a"],
            "n_family": ["popescu", "SMITH", "Nagy", None],
            "_region": ["RO", "US", "HU", "US"],
        }
    )
    result = standardize_field(frame, FieldInput("n", SemanticType.PERSON_NAME), book)
    assert result["n"].to_list() == ["Ion Popescu", "Smith", "Nagy István", "n/a"]
    assert result["n_given"].to_list() == ["Ion", None, "István", None]


def test_raw_is_kept_where_nothing_could_be_done(book):
    frame = pl.DataFrame({"v": [" ring me "], "_region": ["RO"]})
    result = run(frame, SemanticType.PHONE, book)
    assert result["v"].to_list() == [" ring me "]
    assert result["v_valid"].to_list() == ["false"]


def test_an_unchanged_cell_is_not_in_the_log(book):
    frame = pl.DataFrame({"v": ["+40722123456", "0722123456"], "_region": ["RO", "RO"]})
    assert log(frame, SemanticType.PHONE, book)["_key"].to_list() == ["1"]
