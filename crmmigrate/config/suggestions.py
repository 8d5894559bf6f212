"""Say what the writer of a wrong name may have meant."""

import difflib
from collections.abc import Iterable

__all__ = ["did_you_mean"]

_MOST_LISTED = 12


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?`, or the known names where none is near; '' if none is known."""
    names = sorted(set(known))
    if not names:
        return ""
    folded = {name.casefold(): name for name in names}
    near = difflib.get_close_matches(wrong.casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f"; did you mean '{folded[near[0]]}'?"
    listed = ", ".join(names[:_MOST_LISTED])
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return f"; known are {listed}{more}"
