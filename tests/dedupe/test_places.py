"""Addresses that are the same place, however they are written."""

import polars as pl
import pytest

from crmmigrate.dedupe.places import AREA_LEVELS, STREET_LEVELS, compare_places, encode_places
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import SemanticType

STREET_WORDS = Vocabulary(street_words={"st": "street", "ninth": "9th", "ave": "avenue"})
FEATURE = Feature("address", SemanticType.POSTAL_ADDRESS, ("address",))


def levels(one, other):
    """Return the levels of street and area of two addresses, given by their parts."""
    columns = ("address", *(f"address_{p}" for p in ("house_number", "street", "unit", "locality", "postal_code", "country")))  # fmt: skip
    rows = [{c: side.get(c.removeprefix("address_")) for c in columns} for side in (one, other)]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    encoded = encode_places(frame, FEATURE, STREET_WORDS)
    if encoded.ids.null_count():
        return None, None
    pairs = pl.DataFrame([encoded.ids.slice(0, 1).alias("va"), encoded.ids.slice(1, 1).alias("vb")])
    found = compare_places(encoded, pairs).row(0, named=True)
    told = (found["address.street"], STREET_LEVELS), (found["address.area"], AREA_LEVELS)
    return tuple(None if at is None else every[at].name for at, every in told)


@pytest.mark.parametrize(
    ("one", "other", "street"),
    [
        (("1900", "W Van Buren"), ("1900", "W. VanBuren"), "near"),
        (("1900", "W Van Buren St"), ("1900", "W VanBuren"), "near"),
        (("8225-29", "S. Kedzie"), ("8225", "S. Kedzie"), "near"),
        (("12", "Main St"), ("12", "Main Street"), "exact"),
        (("12", "Main St"), ("14", "Main Street"), "other_number"),
        (("12", "Main St"), ("12", "Oak Street"), "loose"),
        (("12", "Elm"), ("12", "Elmhurst"), "different"),
        (("8128", "S King St"), ("8130", "S King Street"), "loose"),
        (("5101", "Kimball"), ("5121", "Kimball"), "loose"),
        (("1234", "Kimball"), ("1324", "Kimball"), "loose"),
        (("1234", "Kimball"), ("4231", "Kimball"), "other_number"),
        (("123", "Kimball"), ("1234", "Kimball"), "other_number"),
        (("1234567890123", "Kimball"), ("1234567890124", "Kimball"), "other_number"),
        (("2850", "W 24 th Blvd"), ("2850", "W 24th Blvd"), "exact"),
        (("747", "9th Ave"), ("747", "Ninth Ave"), "exact"),
        (("747", "9th Ave between 50th and 51st"), ("747", "Ninth Ave"), "near"),
        (("1701", "W 63rd St"), ("1701", "W 53rd Ave"), "different"),
    ],
)
def test_streets(one, other, street):
    parts = [{"house_number": number, "street": text} for number, text in (one, other)]
    assert levels(*parts)[0] == street
    assert levels(*reversed(parts))[0] == street


def test_a_country_alone_is_no_address():
    full = {"house_number": "38", "street": "Park Street", "locality": "Chennai", "country": "IN"}
    assert levels(full, {"address": "IN", "country": "IN"}) == (None, None)
