"""Write `crmmigrate/values/data/number_scales.json`: what words for the size of a number multiply by.

Source: CLDR compact number formats (long and short) of every language, through babel. Words of one
letter are left out: `B` is a billion in English and a baht in Thailand. The hundreds before a
multiple (`100万`) are how CLDR writes it, not another word.

    python scripts/make_number_scales.py
"""

import json
from pathlib import Path

from babel import Locale
from babel.localedata import locale_identifiers

_TARGET = Path(__file__).parent.parent / "crmmigrate/values/data/number_scales.json"
_WITHOUT_BLANKS = "\u0e00"
"""From Thai on, one sign is a word."""


def read_words(language: str) -> dict[str, int]:
    """Return the words of a language with their power of ten; words of two meanings are left out."""
    found: dict[str, set[int]] = {}
    formats = Locale.parse(language).compact_decimal_formats
    patterns = [
        (int(key), str(form.pattern))
        for length in formats.values()
        for plural in length.values()
        for key, form in plural.items()
    ]
    for size, pattern in patterns:
        noughts = pattern.count("0")
        word = pattern.replace("0", "").replace("'", "").replace("\u200f", "").replace("\xa0", " ")
        word = word.strip().rstrip(".").casefold()
        power = len(str(size)) - noughts
        for name in {word, word.rpartition(" ")[2]} if noughts else ():
            if len(name) > 1 or name >= _WITHOUT_BLANKS:
                found.setdefault(name, set()).add(power)
    return {
        word: powers.pop() for word, powers in sorted(found.items()) if word and len(powers) == 1
    }


def main() -> None:
    """Write the table."""
    languages = sorted(name for name in locale_identifiers() if "_" not in name)
    table = {language: words for language in languages if (words := read_words(language))}
    text = json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True)
    _TARGET.write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
