"""Placeholders: what people and programs write where they know nothing."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge

__all__ = ["EMPTY_MARKS", "is_placeholder", "placeholder_words"]


@cache
def placeholder_words(*, tests: bool = False) -> frozenset[str]:
    """Return the known words, in lower case; with `tests` also what testers type."""
    known = load_knowledge("placeholders")
    return frozenset(known["nothing"] + (known["test"] if tests else ()))


EMPTY_MARKS = r"[\s\-–—_.?*/#,;:=~+]+"
"""Pattern of signs that say nothing when nothing else stands in a cell."""

_EMPTY_MARKS = re.compile(EMPTY_MARKS)


def is_placeholder(text: str, *, tests: bool = False) -> bool:
    """Tell whether a cell says only that nothing is known: `n/a`, `-`, `NULL`, `ไม่มี`.

    Args:
        text: The cell.
        tests: Also count `test`, `asdf` and their like, as in names and addresses of mail.
    """
    if len(text) > 40:
        return False
    bare = text.strip().casefold()
    if bare in placeholder_words(tests=tests):
        return True
    return not bare[:1].isalnum() and bool(_EMPTY_MARKS.fullmatch(bare))
