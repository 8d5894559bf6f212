"""Repair of text: what is broken is repaired, what is clean is not touched."""

import csv

import ftfy
import pytest
from babel import Locale
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.values.alphabets import alphabet_of
from crmmigrate.values.misread_utf8 import fix_encoding
from crmmigrate.values.text import TextRepair, clean_text, repair_text


@pytest.mark.parametrize(
    ("text", "expected", "code"),
    [
        (" Ion  Popescu ", "Ion Popescu", "STD901"),
        ("Ion\u200bPopescu", "IonPopescu", "STD902"),
        ("a\x00b\x07", "ab", "STD902"),
        ("Smith &amp; Sons", "Smith & Sons", "STD903"),
        ("<p>Hello<br>there</p>", "Hello there", "STD903"),
        ("CafÃ©", "Café", "STD904"),
        ("Cafe\u0301", "Café", "STD906"),
        ("Caf\ufffd", "Caf\ufffd", "STD908"),
    ],
)
def test_repairs(text, expected, code):
    repair = repair_text(text)
    assert repair.value == expected
    assert code in repair.codes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BucureÅŸti și IaÅŸi, café", "București și Iași, café"),
        ("IaÅŸi – Cluj, Bräila", "Iași – Cluj, Bräila"),
        ("Škoda – Cluj", "Škoda – Cluj"),
    ],
)
def test_misread_words_beside_sound_ones(text, expected):
    assert repair_text(text, alphabet_of(("ro",), ("cp1250",))).value.replace("ş", "ș") == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Constanþa", "ro", "Constanța"),
        ("støední", "cs", "střední"),
        ("Áîëèâèÿ", "ru", "Боливия"),
        ("¡ÃØ§à·¾", "th", "กรุงเทพ"),
        ("S¯r-Afrika", "nb", "Sør-Afrika"),
        ("Vereinigtes Kˆnigreich", "de", "Vereinigtes Königreich"),
    ],
)
def test_code_pages_of_a_known_region(text, language, expected):
    assert repair_text(text, alphabet_of([language])).value == expected


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("São Paulo", "ro"),
        ("Bjørn Åse", "cs"),
        ("Müller", "ro"),
        ("François Lefèvre", "th"),
        ("Gérard", "de"),
        ("Österreich", "en"),
        ("Габон", "th"),
        ("Johanna Köster", "pl"),
        ("Łukasz Żółć", "de"),
        ("José García", "no"),
        ("👩‍💻 Dev", "en"),
        ("می‌خواهم", "fa"),
        ("Ștefan cel Mare", "ro"),
        ("131 ter rue Émile Zola", "ro"),
        ("131 ter rue Émile Zola", "pt"),
        ("Preferă e-mail", "pt"),
        ("Covilhã", "ro"),
        ("Perlič", "fr"),
        ("Vašíček", "zh"),
        ("Stößner", "es"),
        ("Bøevollen", "cs"),
        ("Gieß", "cs"),
        ("Núñez", "pl"),
        ("Nicolăescu", "pt"),
        ("Sigþór", "ro"),
        ("Tuđman", "tr"),
        ("фонтан", "ja"),
        ("เทพสถิต", "fr"),
        ("O’Brien — “quoted”…", "en"),
    ],
)
def test_clean_text_stays(text, language):
    repair = repair_text(text, alphabet_of([language]))
    assert (repair.value, repair.codes) == (text, ())


@pytest.mark.parametrize("language", "ro fr pt nb th de en es cs pl hu tr lv is ru el".split())
def test_names_of_every_language_stay_in_every_region(language):
    alphabet = alphabet_of([language])
    changed = []
    for other in "ro fr pt nb de es cs pl hu tr lv is hr sv fi it nl ru el th ja".split():
        names = Locale.parse(other).territories.values()
        changed += [name for name in names if "STD905" in repair_text(name, alphabet).codes]
    assert changed == []


def test_letters_of_the_region():
    letters = {"ş": "ș", "Ş": "Ș", "ţ": "ț"}
    romanian = alphabet_of(["ro"])
    assert repair_text("Ştefan Moţ", romanian, letters).value == "Ștefan Moț"
    assert repair_text("Şükrü", romanian, letters).value == "Şükrü"


def test_lines_are_kept_on_demand():
    assert repair_text("a \r\n\r\nb ", lines=True).value == "a\n\nb"
    assert repair_text("a \r\nb ").value == "a b"


def test_lines_that_are_clean_one_by_one_stay():
    polish = alphabet_of(["pl"])
    text = "aleja Źródlana 4\n71-750 Ełk"
    assert repair_text(text, polish, lines=True) == TextRepair(text)
    assert repair_text(f"{text} \nx", polish, lines=True).codes == ("STD901",)


def test_nothing_left():
    assert clean_text(" \u200b ") is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_repairing_twice_changes_nothing(text):
    alphabet = alphabet_of(["ro"])
    once = repair_text(text, alphabet).value
    assert repair_text(once, alphabet).value == once


@pytest.mark.shared
def test_share_of_mojibake(shared_data):
    right = {"utf-8": [0, 0], "code page": [0, 0]}
    changed = 0
    with (shared_data / "standardize/text/mojibake_cldr.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            alphabet = alphabet_of([row["language"]])
            counts = right["utf-8" if row["written"] == "utf-8" else "code page"]
            counts[0] += repair_text(row["input"], alphabet).value == row["expected"]
            counts[1] += 1
            changed += repair_text(row["expected"], alphabet).value != row["expected"]
    assert right["utf-8"][0] >= 0.95 * right["utf-8"][1]
    assert right["code page"][0] >= 0.80 * right["code page"][1]
    assert changed == 0


@pytest.mark.parametrize("text", ["\x1aµ", "\x1a¥ÈÃ\x1a", "µ\x81\x1a"])
def test_controls_that_no_code_page_has_are_no_trouble(text):
    for languages in (("ro",), ("pl",), ("th",)):
        assert "\x1a" not in repair_text(text, alphabet_of(languages)).value


def test_a_repair_never_mixes_scripts_in_a_word():
    assert repair_text("Gr\u201dáe", alphabet_of(["de"])).value == "Gr\u201dáe"


_PAGES = [
    "latin-1",
    "cp1252",
    "cp1250",
    "cp1251",
    "cp1253",
    "mac_roman",
    "cp437",
    "iso8859-2",
    "cp1257",
]
_LETTERS = st.sampled_from("aé ßșăйЖαΩกาé漢字é —’€שم?\x1a\xa0�")
_MISREAD = st.builds(
    lambda text, page, lost: text.encode().decode(page, lost),
    st.text(_LETTERS, min_size=1, max_size=14),
    st.sampled_from(_PAGES),
    st.sampled_from(["ignore", "replace"]),
)


@settings(max_examples=400, deadline=None)
@given(
    parts=st.lists(_MISREAD | st.text(_LETTERS, max_size=4), min_size=1, max_size=3),
    blank=st.booleans(),
)
def test_ftfy_is_asked_wherever_it_would_change_a_text(parts, blank):
    text = " ".join(parts)
    text = text.replace("\xa0", " ") if blank else text
    if ftfy.badness.is_bad(text):
        assert fix_encoding(text) == ftfy.fix_encoding(text)
