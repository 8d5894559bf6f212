"""E-mail cells: the syntax of email-validator, and what stands around an address."""

import pytest

from crmmigrate.values.emails import normalize_email, read_email


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("ion@firma.ro", "ion@firma.ro", None),
        ("Ion.P@Firma.RO", "Ion.P@firma.ro", "STD151"),
        ("Ion <ion@firma.ro>", "ion@firma.ro", "STD153"),
        ("mailto:ION@Firma.RO", "ION@firma.ro", "STD153"),
        ("ion @ firma.ro", "ion@firma.ro", "STD153"),
        ("ion(at)firma.ro", "ion@firma.ro", "STD153"),
        ("E-mail: a.b@c.de", "a.b@c.de", "STD153"),
        ("ion@müller.de", "ion@müller.de", None),
        ("ion@gmial.com", "ion@gmial.com", "STD156"),
        ("ion@yahoo.con", "ion@yahoo.con", "STD156"),
        ("info@firma.ro", "info@firma.ro", "STD157"),
        ("a@mailinator.com", "a@mailinator.com", "STD158"),
    ],
)
def test_reads(text, value, code):
    reading = read_email(text)
    assert reading.value == value
    assert (code in reading.codes) if code else reading.codes == ()


@pytest.mark.parametrize(
    "text",
    [
        "n/a",
        "x",
        "none@none.com",
        "ion@firma,ro",
        "ion@firma",
        "www.firma.ro",
        ".a@b.de",
        "a" * 5000,
    ],
)
def test_refuses(text):
    assert read_email(text).value is None


def test_several_addresses():
    reading = read_email('"Ion, P" <ion@firma.ro>, "M" <m@firma.ro>')
    assert (reading.value, reading.alternatives) == ("ion@firma.ro", ("m@firma.ro",))
    assert read_email("a@b.de a@b.de").alternatives == ()


def test_slips_are_only_suggested():
    assert read_email("ion@firma,ro").alternatives == ("ion@firma.ro",)
    assert read_email("ion@gmial.com").alternatives == ("ion@gmail.com",)
    assert read_email("ion@mail.com").codes == ()


@pytest.mark.shared
def test_syntax_is_that_of_email_validator(shared_data):
    import csv

    path = shared_data / "standardize/email/email_validator_tests.csv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert normalize_email(row["input"]) == (row["normalized"] or None), row["input"]
