"""How people write things down: numbers, dates, names, legal forms, and the damage done later."""

import re
from datetime import date
from random import Random

from maker.facts import Company, Number
from maker.invent import ascii_fold
from maker.words import Words

__all__ = [
    "NOTHING",
    "blanks",
    "cedilla",
    "country_name",
    "local_date",
    "mojibake",
    "organization",
    "phone",
    "respell",
    "romanize",
    "typo",
]

NOTHING = ("n/a", "-", "N/A", "nu are", "?", "none", "--", "necunoscut")
"""What people type who must type something."""

_THAI_DIGITS = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
_WIDE_DIGITS = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}


def phone(number: Number, rng: Random, *, abroad: bool = False) -> str:
    """Write a number as people do; `abroad` makes it readable without its country."""
    blocks, at = [], 0
    for length in number.groups:
        blocks.append(number.rest[at : at + length])
        at += length
    left = number.rest[at:]
    blocks = [*blocks[:-1], blocks[-1] + left] if len(left) < 2 else [*blocks, left]
    sign = rng.choice([" ", " ", ".", "-", ""])
    if abroad or rng.random() < 0.3:
        return rng.choice(_with_country(number, blocks, sign))
    written = rng.choice(_without_country(number, blocks, sign))
    odd = rng.random() < 0.05
    if number.calling == "66" and odd:
        return written.translate(_THAI_DIGITS)
    return written.translate(_WIDE_DIGITS) if number.calling == "81" and odd else written


def _with_country(number: Number, blocks: list[str], sign: str) -> list[str]:
    area, trunk, calling, rest = number.area, number.trunk, number.calling, sign.join(blocks)
    ways = [f"+{calling} {area} {rest}", f"+{calling}{area}{''.join(blocks)}"]
    if trunk:
        ways.append(f"+{calling} ({trunk}){area} {rest}")
    if calling in {"40", "47", "49", "33", "44"}:
        ways.append(f"00{calling}{sign}{area}{sign}{rest}")
    if calling == "1":
        ways.append(f"1-{area}-{'-'.join(blocks)}")
    return ways


def _without_country(number: Number, blocks: list[str], sign: str) -> list[str]:
    area, trunk, rest = number.area, number.trunk, sign.join(blocks)
    ways = [f"{trunk}{area}{sign}{rest}", f"{trunk}{area}{''.join(blocks)}"]
    if number.calling in {"1", "55"}:
        ways = [f"({area}) {'-'.join(blocks)}", f"{area}-{'-'.join(blocks)}"]
    elif number.calling == "40":
        ways.append(f"{trunk}{area}/{''.join(blocks)}")
    elif number.calling in {"49", "44"}:
        ways.append(f"({trunk}{area}) {' '.join(blocks)}")
    return ways


def local_date(day: date, words: Words, rng: Random) -> str:
    """Write a date in the order, and for Thailand the era, of the country."""
    pattern = words.one("dates", rng)
    year = day.year + (543 if words.code == "TH" else 0)
    months = words.lists.get("months")
    month = months[day.month - 1] if months else f"{day:%B}"
    pieces = {
        "%-d": str(day.day),
        "%-m": str(day.month),
        "%d": f"{day.day:02}",
        "%m": f"{day.month:02}",
        "%Y": str(year),
        "%y": f"{day.year % 100:02}",
        "%B": month,
        "%b": f"{day:%b}",
    }
    for code, text in pieces.items():
        pattern = pattern.replace(code, text)
    return pattern


def organization(company: Company, script: str, rng: Random, *, plain: bool = False) -> str:
    """Write a company's name with one of the spellings of its legal form, or `plain` without."""
    forms = [form.partition("|") for form in company.form]
    native, bar, latin = rng.choice(forms) if rng.random() < 0.75 else forms[0]
    form = native if script == "native" or not bar else latin
    name = company.base.of(script)
    full = name if plain else form.replace("{}", name)
    suffix = company.suffix.of(script)
    return suffix.replace("{}", full) if suffix else full


def country_name(words: Words, rng: Random) -> str:
    """Write the name of the country in one of its many ways."""
    names = words.lists["countries"]
    return names[0] if rng.random() < 0.4 else rng.choice(names)


def respell(line: str, words: Words, rng: Random) -> str:
    """Swap the spelling of street types and the like."""
    for spellings in words.respell:
        whole = re.escape(spellings[0]) + (r"\b" if spellings[0].isascii() else "")
        if rng.random() < 0.5:
            line = re.sub(whole, rng.choice(spellings[1:]), line)
    return " ".join(line.split())


def typo(word: str, rng: Random) -> str:
    """Misspell a word of Latin letters: swap, drop or double a letter behind the first."""
    if len(word) < 5 or not ascii_fold(word).isascii():
        return word
    at = rng.randrange(1, len(word) - 2)
    kind = rng.randrange(3)
    if kind == 0 and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[:at] + word[at] + word[at:]


def romanize(word: str, rng: Random) -> str:
    """Write a romanized Thai, Hindi or Japanese name in another of its usual ways."""
    ways = (("ph", "p"), ("Ph", "P"), ("th", "t"), ("Th", "T"), ("kh", "k"), ("ch", "j"),
            ("aa", "a"), ("ee", "i"), ("oo", "u"), ("Sh", "Sy"), ("uki", "uky"), ("Ono", "Ohno"),
            ("Sato", "Satoh"), ("Ito", "Itoh"), ("chi", "ti"))  # fmt: skip
    usable = [(old, new) for old, new in ways if old in word]
    if not usable:
        return word
    old, new = rng.choice(usable)
    return word.replace(old, new, 1)


def mojibake(text: str, codec: str) -> str:
    """Read UTF-8 in the wrong code page, as careless imports do."""
    try:
        return text.encode().decode(codec)
    except UnicodeDecodeError:
        return text


def cedilla(text: str) -> str:
    """Write Romanian with the letters that old keyboards had."""
    return text.translate(str.maketrans("șțȘȚ", "şţŞŢ"))


def blanks(text: str, rng: Random) -> str:
    """Add blanks nobody sees."""
    return rng.choice(
        [f"{text} ", f"{text}  ", f" {text}", text.replace(" ", "  ", 1), f"{text}\u00a0"]
    )
