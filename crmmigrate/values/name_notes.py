"""What stands in a name cell beside the name: notes, former names, signs without letters."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_words import bare_word

__all__ = ["cut_notes", "has_digits"]

_BRACKETS = re.compile(r"\(([^()]+)\)|\[([^\[\]]+)\]|\*+([^*]+)\*+")
_BRACKET_SIGNS = frozenset("([*")
_DASH = re.compile(r"\s[-–—]\s(?=\S)")
_DASHES = frozenset("-–—")
_ORDINAL = re.compile(r"(?<!\w)\d(?:st|nd|rd|th)(?!\w)", re.IGNORECASE)


def has_digits(text: str) -> bool:
    """Tell whether digits stand in a text, other than those of `2nd` and the like."""
    return any(map(str.isdigit, text)) and any(map(str.isdigit, _ORDINAL.sub("", text)))


@cache
def _maiden() -> frozenset[str]:
    return frozenset(load_knowledge("name_words")["maiden"])


def cut_notes(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the name without what is no name, and what was cut off, in order.

    A bracket is a note unless it may be a nickname: one or two words in title case. Behind a dash
    stands a note if it is in lower case and the name is not. Behind `née` stands a former name.
    """
    notes: list[str] = []

    def judge(match: re.Match[str]) -> str:
        content = next(filter(None, match.groups())).strip()
        if not content:
            return " "
        if match[0].startswith("(") and not _is_note(content, text):
            return match[0]
        notes.append(content)
        return " "

    bare = text if _BRACKET_SIGNS.isdisjoint(text) else _BRACKETS.sub(judge, text)
    rest = " ".join(bare.replace(" ,", ",").split()).strip(" ,;")
    rest = _cut_care(_cut_job(_cut_dash(rest, notes), notes), notes)
    tokens = rest.split()
    born = next((at for at in range(2, len(tokens) - 1) if bare_word(tokens[at]) in _maiden()), 0)
    if born and not tokens[born].istitle():
        notes.append(" ".join(tokens[born:]))
        tokens = tokens[:born]
    signs = [token for token in tokens if _is_sign(token)]
    if signs and len(signs) < len(tokens):
        notes += signs
        tokens = [token for token in tokens if not _is_sign(token)]
    rest = " ".join(tokens).strip(" ,;")
    return (rest, tuple(notes)) if any(map(str.isalpha, rest)) else (text, ())


def _is_note(content: str, text: str) -> bool:
    words = content.split()
    if len(words) > 2 or any(c.isdigit() or c == "@" for c in content):
        return True
    if bare_word(words[0]) in _maiden() and len(words) > 1:
        return True
    if any(map(_tells_of_person, words)):
        return True
    return not text.islower() and content.islower()


def _cut_dash(text: str, notes: list[str]) -> str:
    if _DASHES.isdisjoint(text):
        return text
    pieces = _DASH.split(text, maxsplit=1)
    if len(pieces) == 2 and (
        (pieces[1].islower() and not pieces[0].islower())
        or any(map(_tells_of_person, pieces[1].split()))
    ):
        notes.append(pieces[1].strip())
        return pieces[0].strip(" ,;")
    return text


def _tells_of_person(word: str) -> bool:
    """Tell whether a word is of a job or of a note such as `deceased`."""
    knowledge = load_knowledge("name_words")
    return bare_word(word) in knowledge["jobs"] or bare_word(word) in knowledge["remarks"]


def _cut_job(text: str, notes: list[str]) -> str:
    """Cut a job behind a comma after a whole name: `Ola Nordmann, Daglig leder`."""
    if "," not in text:
        return text
    head, comma, tail = text.rpartition(",")
    words = tail.split()
    if not comma or len(head.split()) < 2 or not words:
        return text
    first = bare_word(words[0])
    if first in load_knowledge("name_words")["jobs"] and first not in _DEGREES:
        notes.append(tail.strip())
        return head.strip(" ,;")
    return text


_DEGREES = frozenset({"md", "attorney", "secretary"})
"""Jobs that are suffixes as well."""
_CARE = re.compile(r"^(.*\w.*?)\s+((?:c/o|[sdw]/o|℅|v/|p/a)\s*\S.*)$", re.IGNORECASE)
_ATTENTION = re.compile(
    r"^((?:attn?|attention|z\.\s?hd|zhd|for the attention of)\s*[:.]+)\s*(\w.*)$", re.IGNORECASE
)


def _cut_care(text: str, notes: list[str]) -> str:
    """Cut `c/o Acme` and `S/O Ram Kumar` (son of) behind a name and `Attn:` before it."""
    if "/" in text or "℅" in text:
        match = _CARE.match(text)
        if match:
            notes.append(match[2])
            text = match[1]
    match = _ATTENTION.match(text) if ":" in text or "." in text else None
    if match:
        notes.append(match[1])
        text = match[2]
    return text


def _is_sign(token: str) -> bool:
    return not any(map(str.isalnum, token)) and not set(token) <= set(",&+/-–—'’\"")
