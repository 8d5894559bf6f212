"""Coverage, keys and proposals."""

import polars as pl
import pytest

from crmmigrate.config.canonical import load_model
from crmmigrate.config.mapping import read_mappings
from crmmigrate.mapping.coverage import check_columns, coverage, coverage_findings
from crmmigrate.mapping.keys import has_key, object_of, record_key, row_key, row_of_record
from crmmigrate.mapping.suggest import propose_key, propose_mapping, propose_object
from crmmigrate.model.catalog import Column, Dataset
from crmmigrate.model.findings import FINDING_FRAME

MODEL = load_model()
MAPPING = """\
source: erp
dataset: contacts
object: contact
exclude: [{rule: gone, when: "deleted = 1", why: deleted}]
derive: {both: "first || last"}
fields:
  name: {expr: both}
  phone: {from: tel}
ignore: {legacy: unused}
"""


def dataset(*names, key=("id",)):
    return Dataset("contacts", tuple(Column(name) for name in names), key)


@pytest.fixture
def mapping(write_file):
    return read_mappings(write_file("contact.yaml", MAPPING), shown="contact.yaml")[0]


def test_every_column_is_mapped_ignored_or_told(mapping):
    found = coverage(
        [mapping], dataset("id", "first", "last", "tel", "deleted", "legacy", "vip", "at"), ["at"]
    )
    assert found.unmapped == ("vip",)
    assert found.ignored == {"legacy": "unused"}
    assert set(found.mapped) == {"id", "first", "last", "tel", "deleted", "at"}
    findings = coverage_findings(found)
    assert findings.schema == FINDING_FRAME
    assert findings.select("_key", "code", "field").rows() == [("erp:contacts", "MAP101", "vip")]


def test_columns_that_are_not_there_are_told_with_line_and_suggestion(mapping):
    found = check_columns(mapping, dataset("id", "first", "last", "tle", "deleted", "legacy"))
    assert found == [
        (
            "contact.yaml:8",
            "fields.phone: unknown column 'tel' of erp.contacts; did you mean 'tle'?",
        )
    ]


def test_a_column_is_not_both_read_and_ignored(write_file):
    text = MAPPING.replace("legacy: unused", "tel: unused")
    mapping = read_mappings(write_file("contact.yaml", text), shown="contact.yaml")[0]
    found = check_columns(mapping, dataset("id", "first", "last", "tel", "deleted"))
    assert found == [
        ("contact.yaml:9", "ignore.tel: is ignored, but fields.phone is filled from it")
    ]


def test_a_derived_column_does_not_hide_one_of_the_source(mapping):
    found = check_columns(mapping, dataset("first", "last", "tel", "deleted", "legacy", "both"))
    assert found == [("contact.yaml:5", "derive.both: the source has a column of that name")]


def test_keys():
    frame = pl.DataFrame(
        {"a": [1.0, 2.0, None], "b": [" x", "y/z:w", "q"], "_row": [5, 6, 7]}
    ).with_columns(row_key("erp", "lines", ["a", "b"]), has_key(["a", "b"]).alias("has"))
    assert frame["_row_key"].to_list() == ["erp:lines:1|x", "erp:lines:2|y/z:w", "erp:lines:#7"]
    assert frame["has"].to_list() == [True, True, False]
    frame = frame.with_columns(record_key("erp", "order_line", "lines"))
    assert frame["_key"][1] == "erp:order_line:lines/2|y/z:w"
    back = frame.select(object_of().alias("o"), row_of_record().alias("r"))
    assert back["o"].to_list() == ["order_line"] * 3
    assert back["r"].to_list() == frame["_row_key"].to_list()


@pytest.mark.parametrize(
    ("name", "columns", "expected"),
    [
        ("Order Details", ["OrderID"], "order_line"),
        ("Employees", ["LastName"], "user"),
        ("Suppliers", ["CompanyName"], "account"),
        ("InvoiceLine", ["InvoiceId"], "invoice_line"),
        ("tbl_01", ["first_name", "last_name", "email", "birth_date"], "contact"),
        ("tbl_02", ["order_date", "freight", "required_date", "shipped_date"], "order"),
    ],
)
def test_the_object_is_proposed(name, columns, expected):
    assert propose_object(name, columns, MODEL) == expected


def test_a_proposal_can_be_read_and_decides_about_every_column(write_file):
    names = ["id", "FirstName", "LastName", "E-Mail", "Telefon", "Address", "City", "Zip", "Magic"]
    sample = pl.DataFrame({name: ["a"] for name in names}).with_columns(
        pl.lit("ion@x.ro").alias("E-Mail"), pl.lit("0722 123 456").alias("Telefon")
    )
    described = dataset(*names)
    text = propose_mapping(described, sample, MODEL, source="erp")
    mapping = read_mappings(write_file("p.yaml", text))[0]
    assert {f.target: f.origin.column for f in mapping.fields} == {
        "name.given": "FirstName",
        "name.family": "LastName",
        "phone": "Telefon",
        "email": "E-Mail",
        "address.street": "Address",
        "address.locality": "City",
        "address.postal_code": "Zip",
    }
    assert dict(mapping.ignore) == {"Magic": "not decided yet"}
    assert coverage([mapping], described).unmapped == ()


def test_a_column_whose_values_contradict_its_name_is_not_proposed():
    sample = pl.DataFrame({"email": ["yes", "no"], "phone": ["none", "some"]})
    text = propose_mapping(
        dataset("email", "phone"), sample, MODEL, source="erp", object_="contact"
    )
    assert "from: email" not in text
    assert "from: phone" not in text


@pytest.mark.parametrize(
    ("values", "expected"),
    [(["1", "2", "3"], "id"), (["1", "1", "3"], None), (["1", None, "3"], None), ([], None)],
)
def test_a_key_is_proposed_where_it_tells_rows_apart(values, expected):
    sample = pl.DataFrame({"name": values, "id": values}, schema_overrides={"id": pl.String})
    assert propose_key("people", ["name", "id"], sample) == expected


def test_the_number_of_what_the_dataset_holds_is_a_key():
    sample = pl.DataFrame({"CustomerID": ["a", "b"], "OrderID": ["x", "y"]})
    assert propose_key("orders", sample.columns, sample) == "OrderID"
    assert propose_key("visits", sample.columns, sample) is None


@pytest.mark.parametrize(
    ("countries", "expected"),
    [(["Norway", "RO"], "region:\n  from: Country\n"), (["north", "south"], "")],
)
def test_a_column_of_countries_gives_the_regions(countries, expected):
    sample = pl.DataFrame({"name": ["a", "b"], "Country": countries})
    text = propose_mapping(dataset("name", "Country"), sample, MODEL, source="erp")
    assert expected in text
    assert ("region:" in text) == bool(expected)
