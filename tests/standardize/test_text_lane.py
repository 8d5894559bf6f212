"""The vectorised lane of texts says what the scalar repair says."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.standardize import repairs
from crmmigrate.standardize import text as text_lane
from crmmigrate.standardize.text import standardize_texts
from crmmigrate.values.alphabets import alphabet_of
from crmmigrate.values.placeholders import is_placeholder
from crmmigrate.values.text import repair_text

PIECES = (
    "Ana Ion é È Ștefan Ştefan CafÃ© MÃ¼ller Ã¤ Ã  à Москва РњРѕСЃРєРІР° กรุงเทพ à¸à¸£ 東京 서울 "
    "Constanþa Ä‚Å¢ &amp; &lt; <p> <br> <3 < & n/a N/A - … 👩‍💻 🇷🇴 می‌خواهم � \ufeff \u200b e\u0301 \x00 \x07 "
    "¿Qué? ¡ SÃO São ß ＡＢ «Крылов» Бабʼяк Ð‘Ð¾Ñ€Ð¸Ñ\x81 РЎСЊРѕ Ã» É» å\x85\xad Hru\x9aka Bo¿e ÍÑ\xad¸Ô¡Ò Áàøòàííà "
    "Å\u00a0koda Ä�urÄ�ek Ńapka Đ�Đ˝ĐłĐ°Ń€Ń� ã€… 々木 כהן \u200eB\u200e \u05db\u05d4 à¸�à¸£ JOSÉ D’Été „Pop” Î”Ï�Î¿ÏƒÎ¹Î¬ Â 5€ "
    "ı İ Łódź Ĺ�ĂłdĹş \u1112\u1161\u11ab\u1100\u1173\u11af \u1160 Àë³íà Öñýíç âéáúåï ÊÁÒ¤Áª¹Ô´ Àå ÐèÒªÖ±½Ó \x8cwierk Vy\x9a\x9aí "
    "Køí¾ Î¬ÌÎÍøÂç \x8d\x82\x8b´ ½Ã? Ë³í³ÿ spó³dzielnia Ýsmail Ã¡¸éÇ"
).split(" ")
BLANKS = [" ", " ", " ", "  ", "  ", "\t", "\n", "\r\n", "\u00a0", "", "\u3164"]


def texts():
    """Texts of clean and damaged pieces between all sorts of blanks."""
    piece = st.sampled_from(PIECES)
    joint = st.sampled_from(BLANKS)
    return st.lists(st.tuples(piece, joint), max_size=5).map(lambda x: "".join(a + b for a, b in x))


@settings(max_examples=160, deadline=None)
@given(
    st.lists(st.one_of(texts(), st.text(max_size=12)), min_size=20, max_size=20),
    st.sampled_from(
        [
            "RO",
            "TH",
            "DE",
            "RU",
            "UA",
            "FR",
            "PT",
            "TR",
            "GR",
            "PL",
            "JP",
            "IL",
            "CZ",
            "KR",
            "CN",
            None,
        ]
    ),
    st.booleans(),
)
def test_both_lanes_say_the_same(book, values, region, by_loops):
    frame = pl.DataFrame(
        {"text": values, "_region": [region] * len(values)},
        schema={"text": pl.String, "_region": pl.String},
    )
    rules = book.get(region)
    alphabet = alphabet_of(rules.languages, rules.encodings) if rules.languages else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repairs, "LEAST_ROWS", 0 if by_loops else 1000)
        patch.setattr(text_lane, "LEAST_ROWS", 0 if by_loops else 1000)
        told = standardize_texts(frame, book, {})
    for text, row in zip(values, told.iter_rows(named=True), strict=True):
        repair = repair_text(text, alphabet, rules.letter_repairs, lines=True)
        assert row["value"] == (repair.value or None)
        nothing = repair.value and is_placeholder(repair.value)
        blank = not repair.value and set(repair.codes) <= {"STD901"}
        codes = [*repair.codes, "STD910"] if nothing else [] if blank else list(repair.codes)
        assert row["codes"] == codes
        sure = 1.0 if nothing or blank else repair.confidence
        assert row["confidence"] == sure
        again = repair_text(repair.value, alphabet, rules.letter_repairs, lines=True)
        assert again.value == repair.value


@pytest.mark.parametrize(
    ("text", "region", "value", "codes"),
    [
        ("  Müller   Ana ", "DE", "Müller Ana", ["STD901"]),
        (" 徐丽娟", "CN", "徐丽娟", ["STD901"]),
        (" Ştefan  Pop", "RO", "Ștefan Pop", ["STD907", "STD901"]),
        (" MÃ¼ller", "DE", "Müller", ["STD904", "STD901"]),
        ("Ä‚Å¢", "RO", "ĂȚ", ["STD904", "STD907"]),
    ],
)
def test_what_else_is_wrong_than_blanks(text, region, value, codes, book):
    frame = pl.DataFrame({"text": [text], "_region": [region]})
    told = standardize_texts(frame, book, {}).row(0, named=True)
    assert (told["value"], told["codes"]) == (value, codes)


@pytest.mark.parametrize(
    "text",
    ["a < b", "<3", "R&D", "AT&T", "👩‍💻 👍🏽 🇷🇴", "می‌خواهم", "क्‍ष", "Nguyễn Văn An", "ไม่เป็นไร", "שָׁלוֹם", "O’Neill", "C# <-> F#"],
)  # fmt: skip
def test_what_is_meant_stays(text, book):
    frame = pl.DataFrame({"text": [text], "_region": ["RO"]})
    assert standardize_texts(frame, book, {})["value"].to_list() == [text]


def test_a_column_of_nothing(book):
    frame = pl.DataFrame(
        {"text": [None, "", " "], "_region": [None] * 3},
        schema={"text": pl.String, "_region": pl.String},
    )
    assert standardize_texts(frame, book, {})["value"].to_list() == [None, None, None]
