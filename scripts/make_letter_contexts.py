"""Collect beside which letters the letters of a language stand.

`crmmigrate/values/data/letter_contexts.json` holds, for each language written in Latin letters,
the pairs of letters of which at least one is no ASCII letter. Repairing a wrong code page uses them
to tell a word of some language from a misread one, so they should be as many as possible: those of
the names in CLDR (babel), and those of the language models of chardet 7 (0BSD), which come from
running text. Languages of which neither knows enough are left out.

Usage: python scripts/make_letter_contexts.py   (needs `pip install chardet`, version 7)
"""

import json
import re
from collections import Counter
from pathlib import Path

from babel import Locale, UnknownLocaleError
from chardet.models import load_models

from crmmigrate.values.knowledge import load_knowledge, word_table

OUTPUT = Path(__file__).parent.parent / "crmmigrate/values/data/letter_contexts.json"


PAGES = ("cp125", "iso8859")
"""Single-byte encodings of Latin scripts whose models are read."""

LEAST = 8
"""A language with fewer pairs is not documented well enough to call a word foreign to it."""

COMMAS = str.maketrans("şţ", "șț")
"""Romanian letters that older encodings have only with a cedilla."""

OF_NAMES = {"ro": {"ăe"}, "hr": {"đm"}, "bs": {"đm"}, "sr": {"đm"}, "hu": {"űc"}}
"""Pairs of family names (Nicolăescu, Tuđman, Szűcs) that neither source has."""

MODEL_OF = {"nb": "no", "nn": "no"}


def names_of(locale: Locale) -> list[str]:
    """Return all the display names that babel knows in a language."""
    names = [*locale.territories.values(), *locale.languages.values(), *locale.scripts.values()]
    names += [*locale.currencies.values(), *locale.variants.values()]
    for table in (locale.months, locale.days, locale.quarters):
        for widths in table.values():
            names += [name for width in widths.values() for name in width.values()]
    names += [name for unit in locale.unit_display_names.values() for name in unit.values()]
    return [name for name in names if isinstance(name, str)]


def contexts(language: str, alphabet: set[str]) -> str:
    """Return the pairs of letters seen in names or in running text, as one sorted string."""
    found = pairs_of_names(language, alphabet) | pairs_of_text(language, alphabet)
    found |= OF_NAMES.get(language, set())
    found = {pair for pair in found if pair.strip() == pair}
    return ",".join(sorted(found)) if len(found) >= LEAST else ""


def pairs_of_names(language: str, alphabet: set[str]) -> set[str]:
    """Return the pairs seen at least twice in the names of CLDR."""
    try:
        locale = Locale.parse(language)
    except UnknownLocaleError:
        return set()
    seen: Counter[str] = Counter()
    for name in set(names_of(locale)):
        for word in set(re.findall(r"[^\W\d_]+", name.lower())):
            pairs = {word[i : i + 2] for i in range(len(word) - 1)}
            seen.update(pair for pair in pairs if alphabet & set(pair))
    return {pair for pair, count in seen.items() if count > 1}


def pairs_of_text(language: str, alphabet: set[str]) -> set[str]:
    """Return the pairs of the language's own letters in the models of running text."""
    found = set()
    for key, model in load_models().items():
        of, _, page = key.partition("/")
        if of != MODEL_OF.get(language, language) or not page.startswith(PAGES):
            continue
        for at in (i for i, weight in enumerate(model) if weight):
            pair = bytes([at >> 8, at & 255]).decode(page, "replace").lower()
            pair = pair.translate(COMMAS) if language == "ro" else pair
            known = all(c.isascii() or c in alphabet for c in pair)
            if len(pair) == 2 and pair.isalpha() and known and not pair.isascii():
                found.add(pair)
    return found


def main() -> None:
    """Write the file."""
    table = word_table(load_knowledge("alphabets")["latin"])
    found = {name: contexts(name, set(table[name])) for name in sorted(table) if table[name]}
    found = {name: pairs for name, pairs in found.items() if pairs}
    OUTPUT.write_text(json.dumps(found, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {len(found)} languages")


if __name__ == "__main__":
    main()
