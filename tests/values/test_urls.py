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
        ("https://xn--mnchen-3ya.de/", "https://münchen.de"),
        ("http://http://firma.ro", "http://firma.ro"),
        ("https://firma.ro/a/../b/./c", "https://firma.ro/b/c"),
        ("https://firma.ro/%7eion/%c3%a4", "https://firma.ro/~ion/%C3%A4"),
        ("https://firma.ro/a#utm_source=x", "https://firma.ro/a"),
        ("https://firma.ro/a#:~:text=b", "https://firma.ro/a"),
        ("https://firma.ro/#/home", "https://firma.ro/#/home"),
        ("brochure.pdf", None),
        ("https://firma.ro/brochure.pdf", "https://firma.ro/brochure.pdf"),
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


@pytest.mark.parametrize(
    ("text", "value", "status", "code"),
    [
        ("@firma", None, "left_alone", "STD556"),
        ("www.example,com", None, "invalid", "STD552"),
        ("www.firma", None, "invalid", "STD552"),
        ("https://www.firma/kontakt", None, "invalid", "STD552"),
        ("www.firma.ro (vechi)", "https://www.firma.ro", "repaired", "STD551"),
        ("instagram: @firma.ro", None, "left_alone", "STD556"),
        ("http://", None, "invalid", "STD553"),
        ("https://www.", None, "invalid", "STD553"),
        ("http://n/a", None, "invalid", "STD553"),
        ("firma,ro", None, "invalid", "STD552"),
        ("https://firma.ro/a b.pdf", "https://firma.ro/a%20b.pdf", "repaired", "STD551"),
        ("https://firma.ro/a https://firma.ro/b", "https://firma.ro/a", "split", "STD554"),
    ],
)
def test_cells(text, value, status, code):
    reading = read_url(text)
    assert (reading.value, reading.status) == (value, status)
    assert code in reading.codes


def test_a_comma_for_a_dot_is_only_suggested():
    assert read_url("firma,ro").alternatives == ("https://firma.ro",)


@given(st.text("aB.:/%?#&=x-n@ 7eé", max_size=30))
def test_idempotent_near_addresses(text):
    once = normalize_url(f"http://a.ro/{text}")
    assert once is None or normalize_url(once) == once


@given(st.text(max_size=40))
def test_idempotent(text):
    once = normalize_url(text)
    assert once is None or normalize_url(once) == once
