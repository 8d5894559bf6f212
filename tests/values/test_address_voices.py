"""Addresses within longer text: found by their shape, and nothing of the text is lost."""

import sys

import pytest

from crmmigrate.values.address_voices import explains_more, find_address
from crmmigrate.values.addresses import read_address

WITHIN = [
    (
        "US",
        "Please deliver to 12 Main Street, Springfield, IL 62701 before noon",
        "12 Main St, Springfield, IL 62701",
        "Please deliver to, before noon",
    ),
    (
        "US",
        "HQ moved in 2019; ship to 225 E. John Carpenter Freeway, Suite 1500 Irving, Texas 75062 (ask for Bob)",
        "225 E John Carpenter Fwy, Ste 1500, Irving, TX 75062",
        "HQ moved in 2019; ship to, ask for Bob",
    ),
    (
        "CA",
        "met at fair, wants brochure. 100 Queen St W Toronto ON M5H 2N2",
        "100 Queen Street W, Toronto ON M5H 2N2",
        "met at fair, wants brochure",
    ),
    (
        "GB",
        "Our office: 10 Downing Street, London SW1A 2AA, opposite the park",
        "10 Downing Street, London, SW1A 2AA",
        "Our office, opposite the park",
    ),
    (
        "US",
        "attn accounts payable 1600 Pennsylvania Ave NW Washington DC 20500 tel 202-456-1111",
        "1600 Pennsylvania Ave NW, Washington, DC 20500",
        "attn accounts payable, tel 202-456-1111",
    ),
]


@pytest.mark.parametrize(("region", "text", "line", "rest"), WITHIN)
def test_the_address_is_read_and_the_rest_kept(book, region, text, line, rest):
    outcome = read_address({"text": text}, region, book.get)
    assert outcome.value == f"{line}, {rest}"
    assert outcome.parts["unparsed"] == rest
    assert {"STD308", "STD311"} <= set(outcome.codes)
    again = read_address({"text": outcome.value, **outcome.parts}, region, book.get)
    assert again.value == outcome.value


@pytest.mark.parametrize(
    ("region", "text", "line"),
    [
        ("US", "12 Main St, Springfield, IL 62701", "12 Main St, Springfield, IL 62701"),
        ("US", "Acme Corp, 12 Main St, Springfield, IL 62701", "Acme Corp, 12 Main St, Springfield, IL 62701"),
        ("DE", "Bitte an Hauptstr. 5, 10115 Berlin", "Bitte an Hauptstraße 5, 10115 Berlin"),
    ],
)  # fmt: skip
def test_our_own_reading_stays_where_it_explains_all(book, region, text, line):
    outcome = read_address({"text": text}, region, book.get)
    assert (outcome.value, "STD311" in outcome.codes) == (line, False)


@pytest.mark.parametrize(
    "text", ["251 McMurchy Avenue South\nBrampton, ON L6Y 1Z4\nCanada", "no address 12 here", ""]
)
def test_a_stretch_never_begins_or_ends_within_a_word(text):
    found = find_address(text, "CA")
    assert found is None or all(piece in text for piece in found)
    assert find_address(text, "FR") is None


def test_a_stretch_without_town_or_postcode_explains_less():
    ours = {"street": "Main St", "unparsed": "x"}
    assert not explains_more({"street": "Main St", "locality": "Springfield"}, ours, "x", "y")


def test_the_other_voice_is_only_loaded_when_asked():
    code = "import crmmigrate.standardize.kinds, sys; sys.exit('pyap' in sys.modules)"
    import subprocess

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
