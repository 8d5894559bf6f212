"""Picklist values: exact, in another spelling, or close enough to suggest."""

from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz, process

from crmmigrate.values.folding import fold_key
from crmmigrate.values.outcome import BLANK, Outcome, tidy

__all__ = ["read_choice"]

_SUGGEST = 75.0


def read_choice(text: str | None, choices: Sequence[str] = ()) -> Outcome:
    """Match a value with the allowed ones.

    Case, accents, blanks and punctuation do not matter. A value that only resembles a choice is
    kept and the choice is suggested: a wrong status is worse than an open question.

    Args:
        text: The cell.
        choices: Allowed values; empty where any value is allowed.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    if not choices or text in choices:
        return Outcome(
            raw, "unchanged" if raw == text else "normalised", () if raw == text else ("STD561",)
        )
    by_key = _by_key(tuple(choices))
    key = fold_key(raw)
    if key in by_key:
        return Outcome(by_key[key], "normalised", ("STD561",))
    close = process.extract(key, list(by_key), scorer=fuzz.ratio, limit=3, score_cutoff=_SUGGEST)
    suggested = tuple(by_key[name] for name, _, _ in close)
    hint = f"; did you mean '{suggested[0]}'?" if suggested else ""
    return Outcome(
        text, "invalid", ("STD562",), f"'{raw[:40]}' is none of the choices{hint}", confidence=0.0,
        alternatives=suggested,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _by_key(choices: tuple[str, ...]) -> dict[str, str]:
    return {fold_key(choice): choice for choice in reversed(choices)}
