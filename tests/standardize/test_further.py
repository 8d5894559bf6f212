"""Further numbers of one cell find a field of their own; nothing is lost."""

import polars as pl
import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.standardize.records import standardize_records

CONTACT = load_model().objects["contact"]


def contact(book, **cells):
    columns = {c: [cells.get(c)] for c in CONTACT.columns}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.lit("k").alias("_key"), pl.lit("RO").alias("_region")
    )
    read = standardize_records(frame, CONTACT, book)
    return read.rows.row(0, named=True) | {"changes": read.changes.to_dicts()}


def codes(row, code):
    return [change for change in row["changes"] if change["rule"] == code]


def test_the_second_number_goes_to_an_empty_field_with_its_parts(book):
    row = contact(book, phone="0722 123 456 / 021 318 20 00 int. 12")
    assert (row["phone"], row["phone_type"]) == ("+40722123456", "mobile")
    assert (row["other_phone_e164"], row["other_phone_extension"]) == ("+40213182000", "12")
    assert row["other_phone_valid"] == "true"
    assert codes(row, "STD121")[0]["field"] == "other_phone"


def test_a_filled_field_is_not_overwritten(book):
    row = contact(book, phone="0722123456 / 0722123457", other_phone="0213182000")
    assert row["other_phone_e164"] == "+40213182000"
    assert "+40722123457" in {row["mobile_e164"], row["home_phone_e164"]}


@pytest.mark.parametrize("count", [2, 3, 5])
def test_every_address_is_a_value_or_in_a_finding(book, count):
    wanted = {f"a{n}@firma.ro" for n in range(count)}
    row = contact(book, email="; ".join(sorted(wanted)))
    placed = {row[f.name] for f in CONTACT.fields.values() if f.type == "email"} - {None}
    told = {a for f in codes(row, "STD122") for a in f["before"].split("; ")}
    assert placed | told == wanted
    assert not placed & told


def test_standardizing_again_changes_nothing(book):
    columns = pl.DataFrame(
        {c: ["0722123456 / 0722123457" if c == "phone" else None] for c in CONTACT.columns},
        schema=dict.fromkeys(CONTACT.columns, pl.String),
    ).with_columns(pl.lit("RO").alias("_region"), pl.lit("k").alias("_key"))
    once = standardize_records(columns, CONTACT, book)
    again = standardize_records(once.rows, CONTACT, book)
    assert again.rows.equals(once.rows)
    assert once.changes.height == 2
    assert again.changes.is_empty()
