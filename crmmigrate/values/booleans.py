"""Yes and no in the languages of the world."""

from collections.abc import Mapping
from types import MappingProxyType

from crmmigrate.values.folding import fold, to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy

__all__ = ["read_boolean"]

_YES = [
    "1",
    "1.0",
    "t",
    "true",
    "y",
    "yes",
    "on",
    "x",
    "✓",
    "✅",
    "☒",
    "🗹",
    "👍",
    "yep",
    "yeah",
    "✔",
    "☑",
    "active",
    "enabled",
    "checked",
    "ok",
    "wahr",
    "vrai",
    "vero",
    "verdadero",
    "verdadeiro",
    "adevarat",
    "sant",
    "sann",
    "tosi",
    "da",
    "ja",
    "jo",
    "j",
    "si",
    "sí",
    "sim",
    "oui",
    "o",
    "evet",
    "hai",
    "はい",
    "是",
    "对",
    "對",
    "真",
    "예",
    "네",
    "ใช่",
    "จริง",
    "có",
    "co",
    "ya",
    "tak",
    "ano",
    "áno",
    "igen",
    "kylla",
    "kyllä",
    "taip",
    "jā",
    "jah",
    "ναι",
    "да",
    "так",
    "иә",
    "ооба",
    "نعم",
    "بله",
    "ہاں",
    "כן",
    "हाँ",
    "हां",
    "হ্যাঁ",
    "ஆம்",
    "po",
    "bəli",
    "ha",
    "já",
    "ie",
    "tá",
    "na'am",
    "ναί",
    "đúng",
    "benar",
    "waar",
    "sand",
    "igaz",
    "prawda",
    "pravda",
    "istina",
    "totta",
]
_NO = [
    "0",
    "0.0",
    "f",
    "false",
    "n",
    "no",
    "off",
    "✗",
    "❌",
    "👎",
    "nope",
    "✘",
    "☐",
    "inactive",
    "disabled",
    "unchecked",
    "falsch",
    "faux",
    "falso",
    "fals",
    "usann",
    "falsk",
    "vale",
    "nu",
    "nei",
    "nej",
    "nein",
    "não",
    "nao",
    "non",
    "nee",
    "hayır",
    "hayir",
    "いいえ",
    "否",
    "不",
    "不是",
    "假",
    "아니요",
    "아니오",
    "ไม่",
    "ไม่ใช่",
    "เท็จ",
    "không",
    "khong",
    "tidak",
    "nie",
    "ne",
    "nem",
    "ei",
    "nē",
    "όχι",
    "οχι",
    "нет",
    "ні",
    "не",
    "ні",
    "жоқ",
    "жок",
    "لا",
    "خیر",
    "نہیں",
    "לא",
    "नहीं",
    "না",
    "இல்லை",
    "hindi",
    "xeyr",
    "yo'q",
    "nage",
    "níl",
    "sai",
    "salah",
    "onwaar",
    "hamis",
    "fałsz",
    "nepravda",
]


_CONSENT = frozenset(
    {"opt in", "optin", "opted in", "subscribed", "opt out", "optout", "opted out", "unsubscribed"}
)
"""Words about mailings: yes or no depends on whether the field asks for consent or for silence."""


def _table() -> Mapping[str, bool]:
    words = {_key(word): True for word in _YES}
    for word in _NO:
        words.setdefault(_key(word), False)
    return MappingProxyType(words)


def _key(word: str) -> str:
    return fold(word) or word


_WORDS = _table()


def read_boolean(text: str | None) -> Outcome:
    """Read a yes or no word, digit or tick as `true` or `false`."""
    raw = tidy(text)
    if not raw:
        return BLANK
    meaning = _WORDS.get(_key(to_ascii_digits(raw).strip(".!,;").rstrip()))
    if meaning is None and raw in {"-1", "-1.0"}:
        meaning = True
    if meaning is None and fold(raw) in _CONSENT:
        why = f"'{raw}' is yes or no by what the field asks"
        return Outcome(text, "ambiguous", ("STD472",), why, confidence=0.0,
                       alternatives=("true", "false"))  # fmt: skip
    if meaning is None:
        return Outcome(
            text, "invalid", ("STD472",), f"'{raw[:40]}' is neither yes nor no", confidence=0.0
        )
    value = "true" if meaning else "false"
    if value == text:
        return Outcome(value, "unchanged")
    return Outcome(value, "normalised", ("STD471",))
