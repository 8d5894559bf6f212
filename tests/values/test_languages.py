"""Languages by name, code and variety, several in a cell, and what is no language."""

import pytest

from crmmigrate.values.languages import read_language


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("ภาษาไทย", "th"),
        ("limba română", "ro"),
        ("langue française", "fr"),
        ("norsk språk", "no"),
        ("русский язык", "ru"),
        ("English language", "en"),
        ("Simplified Chinese", "zh"),
        ("UK English", "en"),
        ("Portuguese (Brazil)", "pt"),
        ("de-AT", "de"),
        ("English and English", "en"),
    ],
)
def test_names_of_languages(text, code):
    outcome = read_language(text)
    assert (outcome.value, outcome.status, outcome.codes) == (code, "normalised", ("STD511",))
    assert read_language(code).status == "unchanged"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Romanian/English", ("ro", "en")),
        ("Deutsch und Englisch", ("de", "en")),
        ("Norsk bokmål, nynorsk", ("nb", "nn")),
        ("en; fr; de", ("en", "fr", "de")),
    ],
)
def test_several_languages_are_split(text, codes):
    outcome = read_language(text)
    assert (outcome.value, *outcome.alternatives) == codes
    assert (outcome.status, outcome.codes) == ("split", ("STD514",))


@pytest.mark.parametrize(
    ("text", "meant"),
    [("Engilsh", ("en",)), ("xx", ()), ("en, xx", ()), ("British", ()), ("-", ())],
)
def test_what_is_no_language_is_kept(text, meant):
    outcome = read_language(text)
    assert (outcome.value, outcome.status, outcome.alternatives) == (text, "invalid", meant)
