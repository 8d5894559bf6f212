"""Hide personal values but keep their shape, so that a report can be passed on.

What is kept is what a reader needs to recognise the *kind* of trouble: length, punctuation,
scripts, the first letter of words, the country code and last digits of a phone number, the
top-level domain of an address. `describe_change` says in words what a mask cannot show.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable

from crmmigrate.model.semantic import SemanticType

__all__ = ["BULLET", "describe_change", "mask_message", "mask_value"]

BULLET = "•"
SHOWN_LENGTH = 80
"""Longest masked value shown; more says how many characters follow."""

_PERSONAL = 3
"""Fewer letters and digits than this tell nothing of a person: n/a, 0, --."""
_OPEN_TYPES = {
    SemanticType.BOOLEAN,
    SemanticType.CHOICE,
    SemanticType.COUNTRY,
    SemanticType.SUBDIVISION,
    SemanticType.LANGUAGE,
}
"""Closed vocabularies: a short value without digits and signs is shown as it is."""
_VOCABULARY = re.compile(r"[^\W\d_]+(?:[ .'’-][^\W\d_]+){0,2}\.?")
_KEY = re.compile(r"[\w-]+:[a-z][a-z0-9_]*:[\w-]+/\S+")
"""A record key: `source:object:dataset/id`."""
_EMAIL = re.compile(r"[^\s@<>,;\"']+@[^\s@<>,;\"']+")
_PHONE = re.compile(r"(?<![\w.])\+?\d[\d ().\-/]{5,}\d")
_DATE = re.compile(r"(?<!\w)[\d•]{1,4}([-./])\d{1,2}\1[\d•]{1,4}(?!\w)")
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"|“([^”]+)”|«([^»]+)»|„([^“”]+)[“”]")
_WORD = re.compile(r"\w{3,}")
_IDENTIFIER = re.compile(r"[a-z]+(?:[_.][a-z0-9]+)+|[A-Z]{3}\d{3}")


def mask_value(value: str | None, kind: SemanticType | None = None) -> str | None:
    """Return the value with its shape only; None and blanks stay.

    >>> mask_value("+40722123456", SemanticType.PHONE)
    '+40•••••••56'
    >>> mask_value("ana@example.com", SemanticType.EMAIL)
    'a•••@e•••.com'
    >>> mask_value("Ștefan cel Mare 12")
    'Ș••••• c•• M•• ••'
    """
    if value is None or not value.strip():
        return value
    return _shorten(_masked(value, kind))


def _masked(value: str, kind: SemanticType | None) -> str:
    if _is_harmless(value, kind):
        return "".join(" " if unicodedata.category(c) == "Cc" else c for c in value)
    if "@" in value and _EMAIL.search(value):
        return _mask_around_emails(value)
    return _mask_phone(value) if kind is SemanticType.PHONE else _mask_text(value)


def _is_harmless(value: str, kind: SemanticType | None) -> bool:
    if sum(c.isalnum() for c in value) < _PERSONAL:
        return True
    if kind in {SemanticType.REFERENCE, None}:
        return _KEY.fullmatch(value) is not None
    short = kind in _OPEN_TYPES and len(value) <= 40
    return short and _VOCABULARY.fullmatch(value) is not None


def mask_message(
    message: str | None, values: Iterable[str | None] = (), public: Collection[str] = ()
) -> str:
    """Return a message with the values it may repeat masked.

    Masked are the given values and their words wherever they occur, everything in quotation
    marks that is no name of a field or a rule, e-mail addresses and digits like telephone
    numbers.

    Args:
        message: The text of a finding or of the target.
        values: What must not be repeated, e.g. the value before and after.
        public: Names that may stand in quotation marks: fields, columns.
    """
    text = message or ""
    known = {v.strip() for v in values if v and len(v.strip()) > 2} - set(public)
    for value in sorted(known, key=len, reverse=True):
        text = text.replace(value, _mask_text(value))
    plain = (value for value in known if "@" not in value)
    words = {word for value in plain for word in _WORD.findall(value)} - set(public)
    if words:
        text = _WORD.sub(lambda m: _mask_text(m.group()) if m.group() in words else m.group(), text)
    text = _QUOTED.sub(lambda m: _mask_quoted(m, public), text)
    text = _EMAIL.sub(lambda m: _mask_email(m.group()), text)
    text = _DATE.sub(lambda m: _mask_text(m.group()), text)
    return _PHONE.sub(lambda m: _mask_phone(m.group()), text)


def describe_change(before: str | None, after: str | None) -> str:
    """Say in a few words what differs, for readers who see masked values only.

    >>> describe_change("POPESCU  Ion", "Ion Popescu")
    'order of words, capitals, blanks'
    """
    if before is None or after is None or before == after:
        return ""
    facts = [name for name, differs in _differences(before, after) if differs]
    if _core(before) == _core(after):
        return ", ".join(facts)
    if sorted(_core_words(before)) == sorted(_core_words(after)):
        return ", ".join(["order of words", *facts])
    return ""


def _differences(before: str, after: str) -> Iterable[tuple[str, bool]]:
    yield "capitals", _capitals(before) != _capitals(after)
    yield "accents", _marks(before) != _marks(after)
    yield "blanks", _blanks(before) != _blanks(after)
    yield "punctuation", _signs(before) != _signs(after)


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def _core(text: str) -> str:
    return "".join(c for c in _folded(text) if c.isalnum())


def _core_words(text: str) -> list[str]:
    return re.findall(r"\w+", _folded(text))


def _capitals(text: str) -> int:
    return sum(c.isupper() for c in text)


def _marks(text: str) -> int:
    return sum(bool(unicodedata.combining(c)) for c in unicodedata.normalize("NFKD", text))


def _blanks(text: str) -> int:
    return len(text) - len("".join(text.split()))


def _signs(text: str) -> list[str]:
    return sorted(c for c in text if unicodedata.category(c)[0] in "PS")


def _mask_quoted(match: re.Match[str], public: Collection[str]) -> str:
    inner = next(group for group in match.groups() if group is not None)
    if inner in public or _IDENTIFIER.fullmatch(inner) or BULLET in inner:
        return match.group()
    return match.group().replace(inner, mask_value(inner) or "")


def _mask_around_emails(text: str) -> str:
    masked, end = "", 0
    for match in _EMAIL.finditer(text):
        masked += _mask_text(text[end : match.start()]) + _mask_email(match.group())
        end = match.end()
    return masked + _mask_text(text[end:])


def _mask_email(text: str) -> str:
    local, _, domain = text.rpartition("@")
    host, dot, suffix = domain.rpartition(".")
    if not dot:
        host, suffix = domain, ""
    return f"{local[:1]}{BULLET * 3}@{host[:1]}{BULLET * 3}{dot}{suffix}"


def _mask_phone(text: str) -> str:
    digits = [i for i, c in enumerate(text) if c.isdigit()]
    head = 2 if text.lstrip().startswith("+") else 0
    kept = set(digits[:head] + digits[-2:]) if len(digits) >= 7 else set()
    return "".join(c if i in kept or not c.isalnum() else BULLET for i, c in enumerate(text))


def _mask_text(text: str) -> str:
    masked: list[str] = []
    inside = False
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "L":
            masked.append(BULLET if inside else char)
            inside = True
        elif category[0] == "N":
            masked.append(BULLET)
            inside = True
        elif category[0] == "M":
            continue
        elif category == "Cc":
            masked.append(" ")
            inside = False
        else:
            masked.append(char)
            inside = inside and char in "'’"
    return "".join(masked)


def _shorten(text: str) -> str:
    if len(text) <= SHOWN_LENGTH:
        return text
    return f"{text[:SHOWN_LENGTH]}… (+{len(text) - SHOWN_LENGTH})"
