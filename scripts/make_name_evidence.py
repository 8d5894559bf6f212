"""Write the words that are only given or only family names: `python scripts/make_name_evidence.py`.

Source: the lists of names of all locales of the package Faker (MIT licence). Words that about
as many locales have as given as have as family name are evidence for neither and are listed apart.
"""

import json
import pkgutil
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

import faker.providers.person as persons

TARGET = Path(__file__).parents[1] / "crmmigrate" / "values" / "data" / "name_evidence.json"
_CASED = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN")
_SHORTEST = 3
_TIMES = 2
"""So many times as many locales must have a word as the one than as the other."""


def names_of(provider: type, kind: str) -> Iterator[str]:
    """Yield the words of all lists of a provider whose name begins with `first` or `last`."""
    for attribute in dir(provider):
        listed = getattr(provider, attribute)
        if attribute.startswith(f"{kind}_") and isinstance(listed, Iterable):
            yield from (word for word in listed if isinstance(word, str))


def is_word(word: str) -> bool:
    """Tell whether a name is one word of a script with capitals."""
    return (
        len(word) >= _SHORTEST
        and word.isalpha()
        and all(unicodedata.name(c, "").startswith(_CASED) for c in word)
    )


def main() -> None:
    """Read all locales and write the two lists and what they share."""
    found: dict[str, Counter[str]] = {"first": Counter(), "last": Counter()}
    for module in pkgutil.iter_modules(persons.__path__):
        provider = import_module(f"{persons.__name__}.{module.name}").Provider
        for kind, words in found.items():
            words.update({w.lower() for w in names_of(provider, kind) if is_word(w)})
    given, family = found["first"], found["last"]
    every = given.keys() | family.keys()
    lists = {
        "given": every - family.keys(),
        "family": every - given.keys(),
        "mostly_given": {w for w in given if given[w] > _TIMES * family[w] > 0},
        "mostly_family": {w for w in family if family[w] > _TIMES * given[w] > 0},
    }
    lists["both"] = every.difference(*lists.values())
    text = json.dumps(
        {kind: " ".join(sorted(words)) for kind, words in lists.items()}, ensure_ascii=False
    )
    TARGET.write_text(text.replace('", "', '",\n"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
