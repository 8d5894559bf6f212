"""Cut off what surrounds a name: titles, suffixes, nicknames, a second person."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import NameWords, bare_word
from crmmigrate.values.placeholders import placeholder_words

__all__ = [
    "LEGAL_WORDS",
    "are_letters_behind",
    "cut_attached",
    "cut_glued_titles",
    "cut_nicknames",
    "cut_suffixes",
    "cut_titles",
    "is_organization_name",
    "known_words",
    "may_be_organization",
]

_NICKNAME = re.compile(
    r"""(?:^|(?<=\s))(?:"([^"]+)"|“([^”]+)”|„([^”“]+)[”“]|«([^»]+)»|\(([^()]+)\)|'([^']+)'(?=\s|$|,)|‘([^’]+)’(?=\s|$|,))"""
)


_OPENING = frozenset("\"“„«('‘")


def cut_nicknames(text: str) -> tuple[str, str]:
    """Return the text without quoted and bracketed names, and these names."""
    if _OPENING.isdisjoint(text):
        rest = " ".join(text.replace(" ,", ",").split()).strip(" ,")
        return (rest, "") if rest else (text, "")
    found = [next(filter(None, match.groups())).strip() for match in _NICKNAME.finditer(text)]
    rest = " ".join(_NICKNAME.sub(" ", text).replace(" ,", ",").split()).strip(" ,")
    return (rest, " ".join(found)) if rest else (text, "")


@cache
def _attached() -> re.Pattern[str]:
    words = sorted(load_knowledge("name_words")["attached"], key=len, reverse=True)
    return re.compile(rf"^({'|'.join(map(re.escape, words))})\s*(?=[^\s.])")


@cache
def _honorific() -> re.Pattern[str]:
    words = sorted(load_knowledge("name_words")["honorifics"], key=len, reverse=True)
    return re.compile(rf"(?<=[^\W\d_])\s*(?:{'|'.join(map(re.escape, words))})$")


@cache
def _are_ascii() -> bool:
    """Tell whether one of the words that `cut_attached` looks for is ASCII."""
    known = load_knowledge("name_words")
    return any(map(str.isascii, (*known["attached"], *known["honorifics"])))


def cut_attached(text: str) -> tuple[str, str]:
    """Cut a Thai title before, and an East Asian form of address behind a name."""
    if text.isascii() and not _are_ascii():
        return text, ""
    match = _attached().match(text)
    if match:
        return text[match.end() :], match[1]
    bare = _honorific().sub("", text)
    return (bare, "") if len(bare) >= 2 else (text, "")


def cut_titles(
    tokens: list[str], words: NameWords, *, alone: bool = False
) -> tuple[list[str], list[str]]:
    """Cut the titles at the start.

    Args:
        tokens: The words of a name.
        words: What is known about names of the region.
        alone: A title may be followed by a single word, as in `Doe, Dr. John`.
    """
    at = 0
    while at < len(tokens) - 1:
        width = _title_width(tokens[at:], words, alone=alone or at > 0, behind=at > 0)
        if not width or at + width >= len(tokens):
            break
        at += width
    return tokens[:at], tokens[at:]


@cache
def _title_tails() -> frozenset[str]:
    return frozenset(map(bare_word, load_knowledge("name_words")["title_tails"]))


def cut_glued_titles(text: str, words: NameWords) -> str:
    """Put a blank between titles with dots and the name behind them: `dr.ing.Ion Pop`."""
    head, blank, rest = text.partition(" ")
    titles, dot, name = head.rpartition(".")
    if not dot or sum(c.isalpha() for c in name) < 2 or bare_word(name) in words.titles:
        return text
    if bare_word(head) in words.titles:
        return text
    pieces = titles.lower().split(".")
    known = all(len(p) > 1 and (p in words.titles or p in words.doubtful) for p in pieces)
    return f"{titles}. {name}{blank}{rest}" if known else text


def _title_width(tokens: list[str], words: NameWords, *, alone: bool, behind: bool) -> int:
    for width in (3, 2):
        joined = " ".join(bare_word(token) for token in tokens[:width])
        if len(tokens) > width and joined in words.titles:
            return width
    bare = bare_word(tokens[0])
    if bare in words.titles or _is_title_chain(tokens[0], words):
        return 1
    if behind and tokens[0].endswith(".") and bare in _title_tails():
        return 1
    if bare not in words.doubtful:
        return 0
    dotted = tokens[0].endswith(".") and len(bare) > 1
    return int(dotted or (len(bare) > 1 and len(tokens) >= (2 if alone else 3)))


def _is_title_chain(token: str, words: NameWords) -> bool:
    """Tell whether a word is several titles without blanks: `Prof.Dr.`, `Lt.Gen.`, `dl.ing.`."""
    if "." not in token:
        return False
    pieces = [piece for piece in re.split(r"[.\-]", token.lower()) if piece]
    return len(pieces) > 1 and all(
        len(p) > 1 and (p in words.titles or p in words.doubtful) for p in pieces
    )


def cut_suffixes(
    tokens: list[str], words: NameWords, *, after_comma: bool
) -> tuple[list[str], list[str]]:
    """Cut the suffixes at the end; the first word is always kept, except after a comma."""
    at = len(tokens)
    least = 0 if after_comma else 1
    if at - 3 >= least and " ".join(map(bare_word, tokens[-3:])) in words.suffixes:
        at -= 3
    while at > least and _is_suffix(tokens[at - 1], at, words, after_comma=after_comma):
        at -= 1
    return tokens[:at], tokens[at:]


def _is_suffix(token: str, position: int, words: NameWords, *, after_comma: bool) -> bool:
    bare = bare_word(token)
    squeezed = bare.replace(" ", "")
    if token == "I":  # noqa: S105
        return position > 2
    dotted = "." in token and squeezed not in {"jr", "sr", "ma", "ba", "bs", "do"}
    if bare in words.suffixes or (squeezed in words.suffixes and dotted):
        return after_comma or position > 2 or squeezed not in {"vi", "iv"}
    if bare not in words.doubtful_suffixes and squeezed not in words.doubtful_suffixes:
        return False
    if after_comma:
        return True
    strong = "." in token or (token.isupper() and len(squeezed) > 1)
    return position > 2 and (strong or squeezed in {"filho", "neto"}) and len(squeezed) > 1


_DEGREE = re.compile(r"[A-Z]{2,3}|(?:[A-Z]{1,2}\.){2,4}|-")


def are_letters_behind(head: str, tail: str) -> bool:
    """Tell whether the text behind a comma is degrees and the like: `John Doe, CLU, CFP`."""
    if head.isupper():
        return False
    return all(_DEGREE.fullmatch(token) for token in tail.split())


LEGAL_WORDS = (
    "srl",
    "ltd",
    "limited",
    "llc",
    "inc",
    "corp",
    "gmbh",
    "ohg",
    "gbr",
    "ug",
    "plc",
    "pty",
    "oy",
    "oyj",
    "sarl",
    "kft",
    "zrt",
    "ltda",
    "pfa",
    "pvt",
    "eurl",
    "sprl",
    "sasu",
)
"""Legal forms that are no names of people, as plain words."""

_CAPITAL_FORMS = frozenset("AS ASA AB SA AG KG BV NV SE OÜ UAB SIA ApS SpA Oy A/S KS".split())  # noqa: SIM905
"""Legal forms that are words or names in another case, at the end of a name in mixed case."""
_THREE = ("attorney", "at", "law")

_HOUSEHOLD = ("the", "family", "household", "of", "sc")

_LEGAL = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(LEGAL_WORDS)}|s\.?\s?r\.?\s?l\.?|s\.\s?a\.|l\.l\.c\.|e\.k\.|b\.v\.|n\.v\."
    r"|a/s|a\.s\.|s\.a\.s\.|s\.p\.a\.|s\.r\.o\.|sp\. z o\.o\.|d\.o\.o\.|i\.i\.|co\.,? ?ltd)(?![^\W\d_])\.?",
    re.IGNORECASE,
)


@cache
def _organization_words() -> frozenset[str]:
    return frozenset(load_knowledge("name_words")["organization"])


def is_organization_name(text: str) -> bool:
    """Tell whether an organization stands where a person's name should."""
    words = [bare_word(word) for word in text.split()]
    if len(words) < 2:
        return any(text.startswith(word) for word in ("บริษัท", "株式会社")) and len(text) > 6
    if not _organization_words().isdisjoint(words):
        return True
    if _is_firm(text.split(), words):
        return True
    if text.rsplit(maxsplit=1)[-1] in _CAPITAL_FORMS and not text.isupper():
        return True
    match = _LEGAL.search(text)
    return match is not None and match[0].strip() != text.strip()


_FIRM_JOINTS = frozenset("& + and und og och et y e i si și şi en".split())  # noqa: SIM905


def _is_firm(tokens: list[str], bare: list[str]) -> bool:
    """Tell a firm, a household or an estate: `Müller & Söhne`, `Familie Müller`, `SC Alfa`."""
    knowledge = load_knowledge("name_words")
    for at in range(1, len(bare) - 1):
        joint = bare[at] in _FIRM_JOINTS and not tokens[at].endswith(".")
        if joint and bare[at + 1] in knowledge["firm_partners"]:
            return bare[at + 1] not in _NAMES_TOO or at + 2 == len(bare)
    if bare[0] in knowledge["households"]:
        return bare[0] != "estate" or bare[1] == "of"
    if bare[0] == "the" and bare[-1] in {"family", "household"}:
        return True
    return tokens[0] == "SC"


_NAMES_TOO = frozenset({"son", "co", "sohn", "syn"})


def may_be_organization(text: str, words: NameWords) -> bool:
    """Tell whether a name all in capitals ends in what may be a legal form: `OLA NORDMANN AS`."""
    tokens = text.split()
    if len(tokens) < 2 or not text.isupper() or words.family_first:
        return False
    particle = bare_word(tokens[-2]) in words.particles and not tokens[-2].endswith(".")
    return tokens[-1] in _CAPITAL_FORMS and not particle


@cache
def known_words() -> frozenset[str]:
    """Return every word of the packaged lists around names, in lower case and without dots.

    The reading of a name looks for these words and for no others, second given names aside; of a
    placeholder of several words it looks at the whole.
    """
    known = load_knowledge("name_words")
    phrases = [p for name, words in known.items() if name != "iberian_second_given" for p in words]
    single = [word for phrase in known["titles"] for word in phrase.split()]
    words = (
        *phrases,
        *single,
        *_THREE,
        *_HOUSEHOLD,
        *LEGAL_WORDS,
        *_CAPITAL_FORMS,
        *placeholder_words(tests=True),
    )
    return frozenset(bare_word(word.removesuffix("*")).replace(" ", "") for word in words)
