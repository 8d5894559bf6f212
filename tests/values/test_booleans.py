"""Yes and no in many languages and signs."""

import pytest

from crmmigrate.values.booleans import read_boolean
from crmmigrate.values.languages import read_language


@pytest.mark.parametrize(
    "text", ["ja", "Da", "ใช่", "1", "X", "✓", "✅", "Oui", "はい", "١", "-1", "yes,"]
)
def test_yes(text):
    assert read_boolean(text).value == "true"


@pytest.mark.parametrize(
    "text", ["nei", "NU", "ไม่ใช่", "0", "✗", "❌", "Non", "いいえ", "0.0", "нет"]
)
def test_no(text):
    assert read_boolean(text).value == "false"


@pytest.mark.parametrize("text", ["perhaps", "2", "n/a", "yes no"])
def test_what_is_neither_stays(text):
    outcome = read_boolean(text)
    assert (outcome.value, outcome.status) == (text, "invalid")


@pytest.mark.parametrize(
    ("text", "code"),
    [("Deutsch", "de"), ("English (US)", "en"), ("Serbian (Latin)", "sr"), ("Flemish", "nl"), ("ไทย", "th"), ("iw", "he")],
)  # fmt: skip
def test_languages(text, code):
    assert read_language(text).value == code


@pytest.mark.parametrize("text", ["opt-out", "Unsubscribed", "opted in"])
def test_words_about_mailings_are_not_yes_or_no(text):
    outcome = read_boolean(text)
    assert (outcome.value, outcome.status) == (text, "ambiguous")
