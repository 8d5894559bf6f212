"""A person's name in parts: how the parts are cased and written as one text."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from crmmigrate.values.alphabets import script_of
from crmmigrate.values.casing import case_name, is_one_case
from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import NameWords, bare_word

__all__ = ["UNSPACED", "VOWEL", "PersonName", "cased_name", "display_name"]


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a name; empty where there is none."""

    prefix: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    nickname: str = ""


UNSPACED = frozenset({"CJK", "HANGUL"})
"""Scripts that write names without a blank."""


def display_name(name: PersonName, words: NameWords) -> str:
    """Return the name as one text in the order of its region and writing."""
    given = " ".join(filter(None, (name.given, name.middle)))
    if words.region == "VN":
        given = " ".join(filter(None, (name.middle, name.given)))
    if words.family_first:
        core, whole = [name.family, given], name.family + name.given
        native = [c for c in whole if c.isalpha()]
        far_east = bool(native) and all(script_of(c) in UNSPACED for c in native)
        joint = "" if far_east and words.region != "JP" and len(whole) <= 4 else " "
        middle = joint.join(filter(None, core))
    else:
        middle = " ".join(filter(None, (given, name.family)))
    suffix = (
        f"{', ' if ' ' in name.suffix and ',' in name.suffix else ' '}{name.suffix}"
        if name.suffix
        else ""
    )
    nickname = f' "{name.nickname}"' if name.nickname and not middle else ""
    glue = "" if name.prefix and _is_attached(name.prefix) else " "
    return f"{name.prefix}{glue if name.prefix else ''}{middle}{suffix}{nickname}".strip()


def _is_attached(prefix: str) -> bool:
    """Tell whether a title is written without a blank before the name, as in Thai."""
    return prefix in load_knowledge("name_words")["attached"]


def cased_name(name: PersonName, words: NameWords) -> PersonName:
    """Write a name as names are written, where it or one of its parts is in one case."""
    region, particles = words.region, words.particles
    core = " ".join(filter(None, (name.given, name.middle, name.family)))
    begins = bare_word(name.family.split(" ", 1)[0]) in words.capitals
    front = words.family_first or not (name.given or name.middle) or begins
    if is_one_case(core) or _all_loud(name):
        return PersonName(
            prefix=_case_title(name.prefix),
            given=_case_part(name.given, words),
            middle=_case_part(name.middle, words, particles),
            family=case_name(name.family, region, particles, first=front),
            suffix=_case_suffix(name.suffix),
            nickname=case_name(name.nickname, region),
        )
    if _stands_out(name.family, words):
        name = replace(name, family=case_name(name.family, region, particles, first=front))
    if _stands_out(name.given, words):
        name = replace(name, given=case_name(name.given, region))
    return name


def _case_part(part: str, words: NameWords, particles: Collection[str] = ()) -> str:
    if sum(c.isalpha() for c in part) != 1:
        return case_name(part, words.region, particles)
    # A capital of two letters (SS for ß) is another word.
    return part.upper() if len(part.upper()) == len(part) else part


def _all_loud(name: PersonName) -> bool:
    """Tell whether each of the parts is in one case, though not all in the same: `ION popescu`."""
    parts = [part for part in (name.given, name.middle, name.family) if len(part) > 1]
    return len(parts) > 1 and all(map(is_one_case, parts))


VOWEL = re.compile("[aeiouyáéíóúàèìòùâêîôûäëïöüăąęåæøœýőűıаеёиоуыэюяіїєαεηιουω]", re.IGNORECASE)


def _stands_out(part: str, words: NameWords) -> bool:
    """Tell whether one part of a mixed name is in capitals or in lower case, and no initials."""
    if len(part) < 3 or "." in part or not is_one_case(part):
        return False
    if part.islower():
        return bare_word(part.split(maxsplit=1)[0]) not in words.particles
    return bool(VOWEL.search(part))


def _case_title(prefix: str) -> str:
    if not is_one_case(prefix):
        return prefix
    return " ".join(w if w in {"&", "and"} else w.capitalize() for w in prefix.split())


_ACADEMIC: Mapping[str, str] = {
    "phd": "PhD",
    "ph.d.": "Ph.D.",
    "jr": "Jr",
    "sr": "Sr",
    "jr.": "Jr.",
    "sr.": "Sr.",
    "esq": "Esq",
    "esq.": "Esq.",
    "junior": "Junior",
    "filho": "Filho",
    "neto": "Neto",
}


def _case_suffix(suffix: str) -> str:
    return " ".join(_ACADEMIC.get(word.lower(), word.upper()) for word in suffix.split())
