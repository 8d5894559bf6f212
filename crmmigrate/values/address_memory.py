"""Remember how addresses of one pattern are read: `Str. Horea nr. 5` and `Str. Horea nr. 7`.

Reading looks at the digits of a number only to tell postcodes; everything else depends on how many
digits there are and on the words around them. So an address whose numbers differ from a known
one's, but have the same length and are postcodes or not as the known one's are, is read by putting
its numbers in the places where the known one's went. Whatever might break that (numbers side by
side, a number twice, a number that was written otherwise) is read anew.
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_validity import owner_of
from crmmigrate.values.outcome import Outcome
from crmmigrate.values.postcodes import read_postcode

__all__ = ["recalled"]

_RUN = re.compile(r"(?<![^\s,.(#])(?<![0-9]\.)([1-9][0-9]{0,7})(?![^\s,);])")
_DIGITS = re.compile(r"[0-9]+")
_SIDE_BY_SIDE = re.compile(r"[0-9][\s–-]{1,3}[0-9]")
_MOST = 100_000

_Read = TypeVar("_Read", Outcome, Outcome | None)
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """An outcome with places for numbers, as format strings."""

    outcome: Outcome
    line: str
    parts: tuple[tuple[str, str], ...]

    def filled(self, numbers: list[str]) -> Outcome:
        known = self.outcome
        parts = {part: text.format(*numbers) for part, text in self.parts}
        line = self.line.format(*numbers)
        return Outcome(line, known.status, known.codes, known.message, parts, known.confidence)


_known: dict[Key, _Pattern | None] = {}


def recalled(
    texts: Mapping[str, str], beside: Hashable, rules: RegionRules, read: Callable[[], _Read]
) -> _Read | Outcome:
    """Return what `read` would give, from memory where a text of the same pattern is known.

    Args:
        texts: What is read, tidied.
        beside: What else the reading depends on.
        rules: The region.
        read: Reads it; None if the outcome depends on more than that.
    """
    found = _pattern_of(texts, beside, rules)
    if found is None:
        return read()
    key, numbers = found
    pattern = _known.get(key)
    if pattern is not None:
        return pattern.filled(numbers)
    outcome = read()
    if key not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = _learned(outcome, numbers, key) if outcome else None
    return outcome


def _pattern_of(
    texts: Mapping[str, str], beside: Hashable, rules: RegionRules
) -> tuple[Key, list[str]] | None:
    """Return the texts without their numbers, and the numbers; None if there is no safe pattern."""
    key: list[object] = [rules, beside]
    numbers: list[str] = []
    for name, text in texts.items():
        if _SIDE_BY_SIDE.search(text):
            return None
        pieces = _RUN.split(text)
        numbers += pieces[1::2]
        key += [name, *pieces[::2]]
        key += [_kind(number, rules) for number in pieces[1::2]]
    if not numbers or len(set(numbers)) < len(numbers):
        return None
    return tuple(key), numbers


def _kind(number: str, rules: RegionRules) -> tuple[object, ...]:
    postcode = read_postcode(number, rules.address, rules.code)
    if postcode is None:
        return (len(number),)
    # Whether the province that is written is the right one depends on the postcode's own.
    owner = owner_of(postcode.value, rules)
    return (len(number), postcode.code, postcode.value == number, owner)


def _learned(outcome: Outcome, numbers: list[str], key: Key) -> _Pattern | None:
    """Return the outcome with places for its numbers; None if one of them cannot be followed."""
    written = {digits for text in key if isinstance(text, str) for digits in _DIGITS.findall(text)}
    places = {number: f"{{{at}}}" for at, number in enumerate(numbers)}
    told = _DIGITS.search(outcome.message or "") or outcome.alternatives
    if outcome.value is None or told or not written.isdisjoint(places):
        return None
    texts = [outcome.value, *(text or "" for text in outcome.parts.values())]
    followed = [_with_places(text, places, written) for text in texts]
    if any(text is None for text in followed):
        return None
    line, *parts = (text or "" for text in followed)
    return _Pattern(outcome, line, tuple(zip(outcome.parts, parts, strict=True)))


def _with_places(text: str, places: Mapping[str, str], written: set[str]) -> str | None:
    """Return a format string with a place for each number; None for digits of other origin."""
    pieces = []
    end = 0
    for match in _DIGITS.finditer(text):
        bare = match[0].lstrip("0")
        if match[0] not in written and bare not in places:
            return None
        number = match[0] if match[0] in written else match[0][: -len(bare)] + places[bare]
        pieces += [_escaped(text[end : match.start()]), number]
        end = match.end()
    return "".join([*pieces, _escaped(text[end:])])


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
