"""Examples: an address of a signature with made-up names and numbers in its slots."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import cycle, islice

from crmmigrate.model.regions import RegionRules
from crmmigrate.standardize.address_runs import FIXED, NAME, NUMBER, POSTCODE, WORD
from crmmigrate.standardize.address_templates import (
    COPY,
    FORMS,
    GROUP,
    HYPHEN,
    SMALL,
    TITLE,
    UPPER,
    Slot,
    title_words,
)
from crmmigrate.standardize.address_vocabulary import Vocabulary
from crmmigrate.values.address_east import UNIT_SIGNS, has_han

__all__ = ["Example", "make_example"]


@dataclass(frozen=True, slots=True)
class Example:
    """An address in pieces.

    Attributes:
        between: Texts before, between and behind the slots.
        slots: What stands in the slots, as it is and as it may be written.
    """

    between: tuple[str, ...]
    slots: tuple[Slot, ...]

    def text(self) -> str:
        """Return the address."""
        pieces = [self.between[0]]
        for slot, behind in zip(self.slots, self.between[1:], strict=True):
            pieces += [slot[COPY], behind]
        return "".join(pieces)

    def with_slot(self, number: int, other: "Example") -> "Example":
        """Return the address with one slot of another."""
        slots = list(self.slots)
        slots[number] = other.slots[number]
        return replace(self, slots=tuple(slots))


def make_example(
    text: str, slots: Sequence[Sequence[int]], seed: int, rules: RegionRules, vocabulary: Vocabulary
) -> Example | None:
    """Put made-up names and numbers into the slots of an address; None if one cannot be made.

    Args:
        text: The address.
        slots: Its slots, as in `Tokens`.
        seed: Other seeds give other names.
        rules: The region.
        vocabulary: Its words.
    """
    data = text.encode()
    ends = [0, *(slot[2] for slot in slots)]
    begins = [*(slot[1] for slot in slots), len(data)]
    between = [data[end:begin].decode() for end, begin in zip(ends, begins, strict=True)]
    texts = [data[begin:end].decode() for _, begin, end, *_ in slots]
    taken: set[str] = set(re.findall(r"\d+", " ".join(between)))
    kept = {
        number: _kept(texts[number], number * 4 + seed)
        for number, slot in enumerate(slots)
        if slot[0] == FIXED
    }
    taken |= {said for slot in kept.values() for said in slot.values()}
    made: list[Slot] = []
    for number, (kind, _, _, word, _) in enumerate(slots):
        if number in kept:
            made.append(kept[number])
            continue
        slot = _made(kind, texts[number], word, number * 4 + seed, rules, vocabulary, taken)
        if slot is None or not taken.isdisjoint(slot.values()):
            return None
        taken |= set(slot.values())
        made.append(slot)
    said = [slot[COPY] for slot in made]
    return Example(tuple(between), tuple(made)) if len(set(said)) == len(said) else None


def _kept(text: str, seed: int) -> Slot:
    """Return a cell that is read already; names in it are made up."""
    if has_han(text):
        return {COPY: _native(text, seed * 5)}
    if len(text) > _CODED and not any(c.isdigit() for c in text):
        return {COPY: _unknown("Town", seed * 5).capitalize()}
    return {COPY: text}


def _made(kind: int, text: str, word: int, seed: int, rules: RegionRules, vocabulary: Vocabulary,
          taken: set[str]) -> Slot | None:  # fmt: skip
    if kind == NUMBER:
        return _number(text, seed, taken, keep=bool(vocabulary.numbers.any()))
    if kind == NAME:
        return _name(text, seed)
    if kind == WORD:
        return _word(text, word, seed, vocabulary, taken)
    if kind == POSTCODE:
        return _postcode(text, rules)
    return None


_CODED = 3
"""Letters of codes of countries and provinces, which stay."""


_DIGITS = "7382519646"


def _number(text: str, seed: int, taken: set[str], *, keep: bool) -> Slot | None:
    """Make a number of the same length; its first digits stay where they tell postcodes."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letter, length = text[len(digits) :], len(digits)
    for shift in range(30):
        start = seed * 7 + shift
        made = "".join(islice(cycle(_DIGITS), start, start + 2 * length, 2))
        made = made[: length - 1] + str((int(made[-1]) + shift) % 9 + 1)
        if keep and length > 2:
            made = digits[:2] + made[2:]
        elif digits[0] == "0" and length > 1:
            made = "0" + made[1:]
        whole = made + letter
        if whole not in taken and not any(made in t or t in made for t in taken if len(t) > 2):
            return (
                {COPY: whole, UPPER: whole.upper()} if letter else {COPY: whole, **_grouped(made)}
            )
    return None


_SYLLABLES = ("qu", "zo", "vi", "xe", "wu", "fy", "jo", "ky", "pu", "bi", "gu", "ho")
_ENDS = ("nvax", "rdoz", "lmux", "mbix", "ndyx", "lvoz", "rmuz", "ntaz", "lgox", "rvux")
_LAST = ("", "os", "ek", "un", "yt")
_GREEK = ("ζωξ", "ψηφ", "ξυθ", "φωχ", "θεξ", "χηζ", "βυψ")
_CYRILLIC = ("жюк", "цэж", "щуф", "фыж", "хюц", "эжу", "юфы")
_THAI = ("ฆฌญ", "ฎฏฐ", "ฒฆฎ", "ฐฌฏ", "ญฒฐ", "ฏฆญ", "ฬฐฒ")
_SHORT = ("qx", "zj", "vq", "xw", "jx", "wq", "zx", "qj", "xv", "jq", "vx", "wz")
_LETTER_RUN = re.compile(r"[^\W\d_]+")


def _name(text: str, seed: int) -> Slot | None:
    """Make a name of as many words, in the same case, with the same signs and small words."""
    words = _LETTER_RUN.findall(text) if text[0] < "\u0e00" else [text]
    cased = [w for w in words if not w.islower()] or words
    upper, lower = text.isupper(), text.islower()
    pieces, end = [], 0
    for number, match in enumerate(re.finditer(r"[^\W\d_]+", text) if text[0] < "\u0e00" else ()):
        pieces.append(text[end : match.start()])
        word, end = match[0], match.end()
        kept = len(cased) < len(words) and word.islower()
        made = word if kept else _unknown(word, seed * 5 + number)
        pieces.append(made.upper() if upper else made if lower or kept else made.capitalize())
    whole = "".join(pieces) + text[end:] if pieces else _native(text, seed)
    if whole.isupper():
        return {COPY: whole, TITLE: title_words(whole)}
    if whole.islower():
        return {COPY: whole, TITLE: title_words(whole), UPPER: whole.upper()}
    return {COPY: whole}


def _unknown(word: str, seed: int) -> str:
    """Return a word that nobody knows, in the script and of about the length of another."""
    if word[0] >= "\u0400" and word[0] < "\u0530":
        made = _CYRILLIC[seed % 7] + _CYRILLIC[(seed // 7 + 3) % 7]
    elif word[0] >= "\u0370" and word[0] < "\u0400":
        made = _GREEK[seed % 7] + _GREEK[(seed // 7 + 3) % 7]
    elif len(word) < 4:
        made = _SHORT[seed % 12] + "z"
    else:
        made = _SYLLABLES[seed % 12] + _ENDS[seed // 12 % 10] + _LAST[seed // 120 % 5]
    return made[: len(word)] if len(word) < 4 else made


_HAN = "鰯鱒鯖鰹鮭鱈鰻鱚鰐鱗鷸鼬鷺鶉鵜鴉蕨薺蘗蘚蠍蠣蟷蟠蝙蝠鼈鼯齧齬齪龕鬮鬱鬻驢騾驥驛騏鞦鞴靄霍"
_HANGUL = "뷁쀍뷔쉐퀭꿜뜌쮸뾰쨔쒜됴갸뀨쭹훼뒈븨쌰죡츄켸퓌헵꾜냑늬듸롸뤠뮈뱌볘섀솨"


_UNITS = re.compile("|".join(sorted(UNIT_SIGNS, key=len, reverse=True)))


def _eastern(text: str, seed: int, letters: str) -> str:
    """Return as many letters as a name has that stand in no name of a place; units keep their words."""
    made = [letters[(seed * 5 + at) % len(letters)] for at in range(len(text))]
    kept = [at for match in _UNITS.finditer(text) for at in range(match.start(), match.end())]
    if len(kept) < len(text):
        for at in kept:
            made[at] = text[at]
    return "".join(made)


def _native(text: str, seed: int) -> str:
    if text[0] > "\u2fff":
        return _eastern(text, seed, _HAN if has_han(text) else _HANGUL)
    made = _THAI[seed % 7] + _THAI[(seed // 7 + 2) % 7]
    return made[: max(min(len(text), 6), 1)]


def _word(text: str, word: int, seed: int, vocabulary: Vocabulary, taken: set[str]) -> Slot | None:
    """Take another word of the same class, best one whose forms are all different."""
    kin = vocabulary.kin[int(vocabulary.kinds[word])]
    order = [kin[(seed + at) % len(kin)] for at in range(len(kin))]
    for at in sorted(order, key=lambda at: not _is_telling(at, vocabulary)):
        slot = _written(at, text if at == word else "", text, vocabulary)
        if taken.isdisjoint(slot.values()):
            return slot
    return None


def _written(word: int, own: str, text: str, vocabulary: Vocabulary) -> Slot:
    """Return a word in the case of a text, and in its forms."""
    plain = vocabulary.words[word]
    made = own or (
        plain.upper() if text.isupper() else plain if text.islower() else title_words(plain)
    )
    forms = {SMALL + at: vocabulary.forms[form][word] for at, form in enumerate(FORMS)}
    return {COPY: made, TITLE: title_words(made), **{way: t for way, t in forms.items() if t}}


@lru_cache(maxsize=1 << 16)
def _is_telling(word: int, vocabulary: Vocabulary) -> bool:
    """Tell whether the writings of a word are all different."""
    plain = vocabulary.words[word]
    forms = [vocabulary.forms[form][word] for form in FORMS]
    told = [form.casefold() for form in forms if form]
    return plain not in told and len(set(told)) == len(told)


def _postcode(text: str, rules: RegionRules) -> Slot:
    """Keep a postcode: it is told by its letters."""
    del rules
    return {COPY: text, UPPER: text.upper(), **_grouped(text.replace(" ", "").upper())}


def _grouped(text: str) -> Slot:
    """Return a postcode with a blank or hyphen before its last signs."""
    ends = [n for n in (2, 3, 4) if len(text) > n]
    blanks = {GROUP + n: f"{text[:-n]} {text[-n:]}" for n in ends}
    return {**blanks, **{HYPHEN + n: f"{text[:-n]}-{text[-n:]}" for n in ends}}
