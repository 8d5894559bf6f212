"""Where the family name begins among the words of a name."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import NameWords, bare_word

__all__ = [
    "MARY",
    "are_swapped",
    "capital_run",
    "ends_with_initial",
    "family_start",
    "given_and_middle",
    "is_particle",
    "second_given_names",
]


_NO_LETTER = re.compile(r"[\W\d_]")


def capital_run(tokens: list[str]) -> tuple[int, int] | None:
    """Find the family name by its capitals: `DUPONT Jean`, `Jean DE LA TOUR`."""
    capital = [t.isupper() and "." not in t and len(_NO_LETTER.sub("", t)) > 1 for t in tokens]
    if all(capital) or not any(capital):
        return None
    start = capital.index(True)
    end = len(capital) - capital[::-1].index(True)
    if not all(capital[start:end]) or (start > 0 and end < len(tokens)):
        return None
    if all(len(token) < 3 for token in tokens[start:end]):
        return None
    return start, end


def ends_with_initial(tokens: list[str], words: NameWords) -> bool:
    """Tell whether a name is two words and an initial, as lists by family name have them.

    `Swanson Peter A` is more often Peter A. Swanson than a family named A; in India and around
    an initial at the end stands for the father's name, and in Spanish for the second family name.
    """
    if words.initials_last or words.two_families or words.family_first or len(tokens) != 3:
        return False
    first, second, last = tokens
    if not _INITIAL.fullmatch(last) or bare_word(last) in words.doubtful_suffixes:
        return False
    if (
        first.isupper() != second.isupper()
        or bare_word(first) in load_knowledge("name_words")["bound_given"]
    ):
        return False
    return _is_plain(first, words) and _is_plain(second, words)


def _is_plain(word: str, words: NameWords) -> bool:
    """Tell whether a word in a script with case is written out and no particle."""
    cased = word.lower() != word.upper()
    return cased and len(word) > 2 and "." not in word and not is_particle(word, words)


_INITIAL = re.compile(r"[^\W\d_]\.?")


def are_swapped(given: str, family: str, words: NameWords) -> bool:
    """Tell whether a family name seems to stand in the column of given names, and the other way.

    What tells is how family names are written: alone in capitals, or with a particle in front.
    """
    if not given or not family:
        return False
    ones, others = given.split(), family.split()
    loud = given.isupper() and len(given) > 3 and "." not in given
    if loud and not family.isupper() and not family.islower():
        return True
    return len(ones) > 1 and is_particle(ones[0], words) and not is_particle(others[0], words)


def family_start(tokens: list[str], words: NameWords) -> int:
    """Return where the family name begins in a name whose given names come first."""
    last = len(tokens) - 1
    if last > 1 and bare_word(tokens[last]) in load_knowledge("name_words")["family_tails"]:
        return _before_particles(tokens, last - 1, words)
    if words.two_families and _devout_end(tokens):
        return _devout_end(tokens)
    joint = _joint(tokens)
    if joint:
        return _before_particles(tokens, joint - 1, words)
    if words.two_families and last >= 2:
        return _two_families(tokens, words)
    if tokens[0].islower() and is_particle(tokens[0], words) and not tokens[-1].islower():
        return 0
    inner = range(1, last - 1)
    strong = [at for at in inner if bare_word(tokens[at]) in _STRONG & words.particles]
    at = strong[0] if strong else _before_particles(tokens, last, words)
    noble = at > 1 and bare_word(tokens[at - 1]) in load_knowledge("name_words")["nobility"]
    return at - 1 if noble and is_particle(tokens[at], words) else at


def _joint(tokens: list[str]) -> int:
    """Return where `y` stands between two family names: `José Ortega y Gasset`; else 0."""
    for at in range(2, len(tokens) - 1):
        if tokens[at] in {"y", "e", "i"}:
            return at
    return 0


def _devout_end(tokens: list[str]) -> int:
    """Return where `María del Carmen` and her like end, 0 if the name begins otherwise."""
    if bare_word(tokens[0]) not in MARY:
        return 0
    at = 1
    while at < len(tokens) and bare_word(tokens[at]) in {"de", "del", "la", "los", "las"}:
        at += 1
    listed = load_knowledge("name_words")["devout"]
    return at + 1 if 1 < at < len(tokens) - 1 and bare_word(tokens[at]) in listed else 0


_STRONG = frozenset(
    "van von vom zu de del della da do dos das du af av ó ní nic uí mac آل بنو بني أولاد".split()  # noqa: SIM905
)
"""Particles that begin the family name even if it has further words."""


def _before_particles(tokens: list[str], at: int, words: NameWords) -> int:
    """Move the start of a family name in front of its particles, but leave one given name."""
    while at > 1 and (is_particle(tokens[at - 1], words) or _binds(tokens, at - 1)):
        at -= 1
    return at


def _binds(tokens: list[str], at: int) -> bool:
    """Tell whether a word is the first half of an Arabic name: `Omar Abdul Rahman`."""
    return bare_word(tokens[at]) in load_knowledge("name_words")["bound_given"]


def is_particle(token: str, words: NameWords) -> bool:
    """Tell whether a word belongs to the family name behind it; initials do not."""
    if len(token) == 1 and token.isupper() and not _is_joint_letter(token, words):
        return False
    return bare_word(token) in words.particles and not token.endswith(".")


def _is_joint_letter(token: str, words: NameWords) -> bool:
    """Tell whether a capital letter alone is more than an initial: `Ó`, and `Y` in Spanish."""
    return token == "Ó" or (token == "Y" and words.two_families)  # noqa: S105


def _two_families(tokens: list[str], words: NameWords) -> int:
    last = len(tokens) - 1
    second = _before_particles(tokens, last, words)
    if second < 2:
        return second
    start = _before_particles(tokens, second - 1, words)
    if start == 1 and second == 2 and last == 2:
        known = words.one_family or bare_word(tokens[1]) in second_given_names()
        return second if known else start
    if (
        start == 1
        and second - start >= 1
        and last >= 3
        and bare_word(tokens[1]) in second_given_names()
    ):
        return start + 1
    return max(start, 1)


MARY = frozenset({"maria", "maría"})


@cache
def second_given_names() -> frozenset[str]:
    """Return the second given names of Spanish and Portuguese: `José Luis Pérez`."""
    return frozenset(load_knowledge("name_words")["iberian_second_given"])


def given_and_middle(tokens: list[str], words: NameWords) -> tuple[str, str]:
    """Tell given from middle names; where middle names are unknown all are given names."""
    if not tokens:
        return "", ""
    bound = load_knowledge("name_words")["bound_given"]
    at = 2 if len(tokens) > 1 and bare_word(tokens[0]) in bound else 1
    if words.middle_names:
        return " ".join(tokens[:at]), " ".join(tokens[at:])
    return " ".join(tokens), ""
