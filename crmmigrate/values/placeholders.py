"""Placeholders: what people and programs write where they know nothing."""

import re
from functools import cache

from crmmigrate.values.knowledge import load_knowledge

__all__ = ["is_placeholder", "placeholder_words"]


@cache
def placeholder_words(*, tests: bool = False) -> frozenset[str]:
    """Return the known words, in lower case; with `tests` also what testers type."""
    known = load_knowledge("placeholders")
    return frozenset(known["nothing"] + (known["test"] if tests else ()))


_EMPTY_MARKS = re.compile(r"[\s\-–—_.?*/#,;:=~+]+")


def is_placeholder(text: str, *, tests: bool = False) -> bool:
    """Tell whether a cell says only that nothing is known: `n/a`, `-`, `NULL`, `ไม่มี`.

    Args:
        text: The cell.
        tests: Also count `test`, `asdf` and their like, as in names and addresses of mail.
    """
    if len(text) > 40:
        return False
    bare = text.strip().casefold()
    return bare in placeholder_words(tests=tests) or bool(_EMPTY_MARKS.fullmatch(bare))
