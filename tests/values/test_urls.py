"""Web addresses in canonical spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.values.urls import normalize_url, read_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www.Firma.RO", "https://www.firma.ro"),
        ("http://firma.ro/", "http://firma.ro"),
        ("HTTPS://Firma.ro:443/a?utm_source=x&id=1#top", "https://firma.ro/a?id=1#top"),
        ("htp://firma.ro", "http://firma.ro"),
        ("http:\\\\firma.ro", "http://firma.ro"),
        ("firma.ro:8080/a", "https://firma.ro:8080/a"),
        ("https://münchen.de/ä", "https://münchen.de/ä"),
        ("Web: firma.ro", "https://firma.ro"),
        ("ion@firma.ro", None),
        ("javascript:alert(1)", None),
        ("firma", None),
        ("http://[::1", None),
    ],
)
def test_normalizes(text, expected):
    assert normalize_url(text) == expected


def test_several_addresses():
    reading = read_url("firma.ro, firma.com")
    assert (reading.value, reading.alternatives) == ("https://firma.ro", ("https://firma.com",))


@given(st.text(max_size=40))
def test_idempotent(text):
    once = normalize_url(text)
    assert once is None or normalize_url(once) == once
