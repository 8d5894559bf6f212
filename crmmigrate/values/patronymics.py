"""Patronymics of Slavic names: Иванович, Петровна."""

import re

from crmmigrate.values.name_words import NameWords, bare_word

__all__ = ["CYRILLIC_PATRONYMIC", "LATIN_PATRONYMIC", "is_patronymic"]

CYRILLIC_PATRONYMIC = "..(?:ович|евич|ич|йович|овна|евна|ична|івна|ївна|аўна|еўна|авіч|евіч)$"
LATIN_PATRONYMIC = "..(?:ovich|evich|ovych|evych|yovych|ovna|evna|ichna|inichna|ivna|yivna)$"
"""Endings in lower case; romanized ones end family names of other countries as well."""

_ENDING = re.compile(f"(?:{CYRILLIC_PATRONYMIC})")
_ROMANIZED = re.compile(f"(?:{CYRILLIC_PATRONYMIC})|(?:{LATIN_PATRONYMIC})")


def is_patronymic(word: str, words: NameWords) -> bool:
    """Tell whether a word is a patronymic; a romanized one only where patronymics are usual."""
    known = _ROMANIZED if words.patronymics else _ENDING
    return known.search(bare_word(word)) is not None
