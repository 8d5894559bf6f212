"""Part Thai addresses, which are written with few blanks or none, at the words of their levels."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_draft import Draft, Item
from crmmigrate.values.address_grammar import grammar_of

__all__ = ["THAI", "split_thai"]

THAI = re.compile(r"[\u0e00-\u0eff]")
_GLUED = re.compile(r"(?<=[\u0e00-\u0eff])\s+(?=[\u0e00-\u0eff])")


def split_thai(draft: Draft) -> None:
    """Split Thai text at its blanks; a blank before a number joins (`ซอยสุขุมวิท 21`)."""
    items: list[Item] = []
    street, joined = _thai_streets(draft.rules), _thai_words(draft.rules)
    for whole in draft.items:
        item = Item(whole.kind, _spaced(whole.text), whole.line)
        if item.kind != "text" or not THAI.search(item.text):
            items.append(item)
            continue
        text = joined.sub(r"\1", item.text) if joined else item.text
        pieces = _GLUED.split(text)
        if street:
            pieces = [p.strip() for piece in pieces for p in street.split(piece) if p.strip()]
        pieces = [p for piece in pieces for p in _parted(piece, draft)]
        items += [Item("text", piece, item.line) for piece in pieces]
    draft.items = items


_RUN_TOGETHER = re.compile(
    r"(?=ถนน|ซอย|แขวง|เขต|ตำบล|อำเภอ|จังหวัด|กรุงเทพ)|(?<=[\u0e00-\u0eff])(?=\d{5}$)"
)


_ABBREVIATED = re.compile(
    r"(?<=[\u0e01-\u0e4e]{4})(?=[ตอจถซ]\.\s?[\u0e01-\u0e4e])"
    r"|(?<=\d)(?=[ตอจถซม]\.|หมู่|ตำบล|อำเภอ|จังหวัด|แขวง|เขต|ถนน|ซอย|กรุงเทพ|กทม)"
    r"|(?<=เลขที่)(?=\d)|(?<=[\u0e01-\u0e4e.])(?=\d{5}$)"
)
"""Where a blank is missing before an abbreviated level, as in `99ม.4ต.บางพูดอ.ปากเกร็ด`: behind four
letters, so that `บมจ.` and `อบต.` stay whole, or behind a digit."""


def _spaced(text: str) -> str:
    """Part an address that is written without any blank at the words of its levels."""
    glued, text = " " not in text, _ABBREVIATED.sub(" ", text)
    levels = ("แขวง" in text and "เขต" in text) or ("ตำบล" in text and "อำเภอ" in text)
    return text if not (glued and levels) else " ".join(_RUN_TOGETHER.split(text)).strip()


_NUMBERED = re.compile(r"(?P<name>[^\d]+)\s+(?P<n>\d+(?:/\d+)*)")


def _parted(piece: str, draft: Draft) -> list[str]:
    """Part `ใจดี 45`, a name and a house number; behind a type or unit the number belongs to it."""
    match = _NUMBERED.fullmatch(piece)
    grammar = draft.grammar
    named = (
        grammar.street_before,
        grammar.marker,
        grammar.unit,
        grammar.po_box,
        grammar.number_words,
    )
    if match is None or any(p and (found := p.search(piece)) and found[0] for p in named):
        return [piece]
    return [match["name"], match["n"]]


@lru_cache(maxsize=64)
def _thai_streets(rules: RegionRules) -> re.Pattern[str] | None:
    types = [
        word
        for word in rules.address.street_types
        if (len(word) > 2 or word.endswith(".")) and not word.isascii()
    ]
    if not types:
        return None
    return re.compile(rf"(?<=[\d\s])(?=(?:{'|'.join(map(re.escape, types))}))")


@lru_cache(maxsize=64)
def _thai_words(rules: RegionRules) -> re.Pattern[str] | None:
    """Match a word such as `แขวง` that is parted from its name by a blank."""
    native = [word for word in grammar_of(rules).kinds if not word.isascii()]
    if not native:
        return None
    words = "|".join(map(re.escape, sorted(native, key=len, reverse=True)))
    return re.compile(rf"(?<![^\s])({words})\s+(?=[\u0e00-\u0eff])")
