"""Names of organizations written together with their legal forms: 株式会社ソニー, `Acme,Inc.`, `SC.ALFA.SRL`."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FormBook, FormEntry, form_key

__all__ = ["before_forms", "part_glued"]


def part_glued(cell: str, book: FormBook) -> str:
    """Put a blank between a name and a form written without one, as in 株式会社X and X,Inc.

    `GmbH u. Co KG` and its like are written with the sign for `and`.
    """
    loud = cell.upper()
    if "KG" in loud or "OHG" in loud:
        cell = _PARTNERS.sub(r" & Co. \1", cell)
    if book.noise and "." in cell and " " not in cell:
        cell = _undotted(cell, book)
    if "," in cell:
        cell = _COMMA.sub(lambda m: m[0] if _form_of(m[1], book) is None else f", {m[1]}", cell)
    return cell if cell.isascii() else _unglued_foreign(cell, book)


def _unglued_foreign(cell: str, book: FormBook) -> str:
    """Put a blank between a name and a form of a script without blanks."""
    forms, behind = before_forms(), _behind_forms()
    glued = cell.startswith(forms) or cell.endswith(behind)
    for form in forms if glued else ():
        if cell.startswith(form) and len(cell) > len(form):
            return f"{form} {_cut_limited(cell[len(form) :].lstrip())}"
        if form in behind and cell.endswith(form) and len(cell) > len(form):
            return f"{cell[: -len(form)].rstrip()} {form}"
    for part, pattern in _SECOND_HALVES.items():
        match = pattern.search(cell) if part in cell else None
        if match and match.start() and _form_of(cell.rsplit(" ", 1)[-1], book) is None:
            return f"{cell[: match.start()].rstrip()} {match[0]}"
    return cell


def _undotted(cell: str, book: FormBook) -> str:
    """Put blanks for the dots of `SC.ALFA.SRL`."""
    first, *names, last = cell.split(".") if cell.count(".") > 1 else (cell, "")
    known = names and form_key(first) in book.noise and _form_of(last, book) is not None
    return " ".join((first, *names, last)) if known and all((*names, last)) else cell


def _cut_limited(name: str) -> str:
    """Put a blank before the second half of a Thai form: `บริษัทสยามจำกัด`."""
    match = _THAI.search(name)
    return f"{name[: match.start()].rstrip()} {match[0]}" if match and match.start() else name


def _form_of(text: str, book: FormBook) -> FormEntry | None:
    return book.find(form_key(text))


_PARTNERS = re.compile(
    r"(?<=\w)(?:\s+(?:und|u\.?)\s+|\s*\+\s*)co\b\.?\s*(kg(?:aa)?|ohg)\b", re.IGNORECASE
)
_COMMA = re.compile(r"(?<=\S),([^\s,]+)$")
_CHINESE = re.compile(r"(?:集团|集團)?(?:股份)?有限(?:责任|責任)?公司$")
_THAI = re.compile(r"จ(?:ำ|ํา)กัด(?:\s*\(มหาชน\))?$")
_SECOND_HALVES = {"公司": _CHINESE, "กัด": _THAI}
"""Forms that are written behind a name without a blank, by what all their spellings have."""


@cache
def before_forms() -> tuple[str, ...]:
    """Return the forms that may stand before a name without a blank, the longest first."""
    return tuple(sorted(load_knowledge("legal_form_words")["before"], key=len, reverse=True))


@cache
def _behind_forms() -> tuple[str, ...]:
    """Return those of them that may stand behind a name without a blank as well."""
    return tuple(f for f in before_forms() if f[-1] != "." and max(f) > "\u2e80")
