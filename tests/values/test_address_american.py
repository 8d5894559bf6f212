"""The second voice for American addresses: asked in doubt, believed where it places every word."""

import pytest

from crmmigrate.values.address_american import is_doubtful, second_reading
from crmmigrate.values.addresses import read_address


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("5429 woodlawn chicago", "5429 Woodlawn, Chicago"),
        (
            "9100 MLK JR Street North 1001 St Petersburg FL 33702",
            "9100 MLK JR St N, 1001, St Petersburg, FL 33702",
        ),
        (
            "4750 Tama St SE Unit K, L Cedar Rapids IA 52403",
            "4750 Tama St SE, Unit K, L, Cedar Rapids, IA 52403",
        ),
    ],
)
def test_second_voice_is_believed(text, line, book):
    outcome = read_address({"text": text}, "US", book.get)
    assert outcome.value == line
    assert "STD314" in outcome.codes
    assert outcome.confidence == 0.8


@pytest.mark.parametrize(
    "text",
    [
        "12 Main Street, Springfield, IL 62701",
        "1600 Pennsylvania Ave NW, Washington, DC 20500",
        "PO Box 12, Springfield, IL 62701",
        "4018 Highway 59 North, Houston TX 77032",
        "5 5th Ave, New York, NY 10001",
    ],
)
def test_plain_addresses_leave_no_doubt(text, book):
    outcome = read_address({"text": text}, "US", book.get)
    assert not is_doubtful(text, outcome.parts, book.get("US"))
    assert "STD314" not in outcome.codes


def test_other_countries_are_not_asked_for(book):
    parts = {"house_number": "5", "street": "Storgata", "locality": "Oslo 3 A"}
    assert not is_doubtful("Storgata 5 Oslo 3 A", parts, book.get("NO"))


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (
            "5429 woodlawn chicago 60615",
            {"house_number": "5429", "street": "Woodlawn Chicago", "postal_code": "10001"},
        ),
        ("5429 woodlawn chicago", {"po_box": "12"}),
        (
            "5429 woodlawn chicago",
            {"house_number": "5429", "street": "Woodlawn", "locality": "Chicago"},
        ),
        ("please call before noon", {"street": "please call"}),
    ],
)
def test_contradictions_and_agreement_change_nothing(text, ours, book):
    assert second_reading(text, ours, book.get("US")) is None


def test_no_word_is_lost(book):
    text = "1755 W. Roscoe Apt. 3rd Flr. Acme Bldg Chicago IL 60657"
    outcome = read_address({"text": text}, "US", book.get)
    said = " ".join(value for value in outcome.parts.values() if value).casefold()
    assert all(word in said for word in ("1755", "roscoe", "3rd", "acme", "chicago", "60657"))


def test_a_ship_leaves_no_doubt(book):
    told = read_address({"text": "USNS Hernandez\nFPO AE 09149"}, "US", book.get)
    assert told.parts["street"] == "USNS Hernandez"
    assert not is_doubtful("USNS Hernandez, FPO AE 09149", told.parts, book.get("US"))


def test_a_note_behind_the_town_is_no_quarter(book):
    text = "12 Main St, Springfield, IL 62701 - ring twice"
    told = read_address({"text": text}, "US", book.get)
    assert told.parts["unparsed"] == "ring twice"
    assert "dependent_locality" not in told.parts
    assert not is_doubtful(text, told.parts, book.get("US"))
