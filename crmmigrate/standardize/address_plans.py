"""Plans: how the addresses of one signature are read, learned from the scalar.

The scalar reads an address of the signature in which made-up names and numbers stand; where these
come out tells which part each slot goes to, and how it is written. It reads another with other
names and numbers, and the plan holds only if it foretells that. A form of a slot that has not been
seen yet (a name of three words, a number of five digits) is tried the same way before it is used.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crmmigrate.model.regions import RegionRules
from crmmigrate.standardize.address_examples import Example, make_example
from crmmigrate.standardize.address_runs import NAME
from crmmigrate.standardize.address_templates import (
    Glued,
    Piece,
    Slot,
    fill_template,
    learn_template,
)
from crmmigrate.standardize.address_vocabulary import Vocabulary
from crmmigrate.values.outcome import Outcome

__all__ = ["Plan", "Reader", "learn_plan", "try_form"]

Reader = Callable[[str], Outcome | None]
"""Reads a row as the scalar does; None if what it says depends on more than a plan can follow."""

_TOLD = frozenset({"STD301", "STD307", "STD308", "STD313", "STD315"})
"""Codes that follow from the parts."""
_DEPENDING = frozenset({"STD306", "STD312", "STD503", "STD504", "STD505"})
"""Codes of readings that depend on what stands in the slots."""


@dataclass(slots=True)
class Plan:
    """How the addresses of one signature are read.

    Attributes:
        parts: Part → template.
        codes: Rules that fired, without those that follow from the parts.
        example: Slots of the first example.
        forms: Slot → forms (as bits) that the plan holds for.
        tried: Slot → forms that were tried.
        told: Codes of cells beside, and whether the postcode belongs to another province → what is said.
    """

    parts: Mapping[str, tuple[Piece, ...]]
    codes: tuple[str, ...]
    example: Example
    forms: list[int] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    told: dict[tuple[tuple[str, ...], bool], Outcome] = field(default_factory=dict)


def learn_plan(text: str, slots: Sequence[Sequence[int]], reader: Reader, rules: RegionRules,
               vocabulary: Vocabulary) -> Plan | None:  # fmt: skip
    """Learn how to read addresses of a signature; None if they must be read one by one.

    Args:
        text: One of them.
        slots: Its slots, as in `Tokens`.
        reader: Reads a row.
        rules: The region.
        vocabulary: Its words.
    """
    first, second = (make_example(text, slots, seed, rules, vocabulary) for seed in (1, 2))
    if first is None or second is None:
        return None
    read, other = _read(first, reader), _read(second, reader)
    if read is None or other is None or read[1] != other[1] or read[0].keys() != other[0].keys():
        return None
    glued = _glued(text, slots)
    for forms_first in (True, False):
        parts = {
            part: learn_template(said, first.slots, forms_first=forms_first, glued=glued)
            for part, said in read[0].items()
        }
        if any(_may_repeat(template) for template in parts.values()):
            return None
        if _foretells(parts, second.slots, other[0]):
            forms = [1 << slot[4] for slot in slots]
            return Plan(parts, read[1], first, forms, list(forms))
    return None


def try_form(plan: Plan, number: int, text: str, slots: Sequence[Sequence[int]], reader: Reader,
             rules: RegionRules, vocabulary: Vocabulary) -> None:  # fmt: skip
    """Try whether a plan holds for a form of one slot, and note it.

    Args:
        plan: The plan.
        number: The slot.
        text: A row where the slot has this form.
        slots: Slots of the row.
        reader: Reads a row.
        rules: The region.
        vocabulary: Its words.
    """
    bit = 1 << slots[number][4]
    plan.tried[number] |= bit
    made = make_example(text, slots, 3, rules, vocabulary)
    if made is None:
        return
    example = plan.example.with_slot(number, made)
    read = _read(example, reader)
    if (
        read is not None
        and read[1] == plan.codes
        and _foretells(plan.parts, example.slots, read[0])
    ):
        plan.forms[number] |= bit


def _read(example: Example, reader: Reader) -> tuple[dict[str, str], tuple[str, ...]] | None:
    outcome = reader(example.text())
    if outcome is None or outcome.status == "invalid" or outcome.value is None:
        return None
    if outcome.alternatives or not _DEPENDING.isdisjoint(outcome.codes):
        return None
    parts = {part: said for part, said in outcome.parts.items() if said}
    return parts, tuple(code for code in outcome.codes if code not in _TOLD)


def _may_repeat(template: Sequence[Piece]) -> bool:
    """Tell whether a part lists two things that are one if their slots hold the same."""
    marked = "".join(piece if isinstance(piece, str) else _SLOT for piece in template)
    listed = [piece for piece in marked.split(", ") if _SLOT in piece]
    return len(set(listed)) < len(listed)


_SLOT = "\x00"


def _foretells(
    parts: Mapping[str, Sequence[Piece]], slots: Sequence[Slot], said: Mapping[str, str]
) -> bool:
    if parts.keys() != said.keys():
        return False
    return all(fill_template(parts[part], slots) == text for part, text in said.items())


def _glued(text: str, slots: Sequence[Sequence[int]]) -> list[Glued]:
    """Tell which slots have letters beside them: `Haupt` of `Hauptstr.`, names in Thai."""
    data = text.encode()
    found = []
    for kind, begin, end, *_ in slots:
        native = data[begin:end].decode()[:1] >= "\u0e00" and data[begin : begin + 1] >= b"\xe0"
        behind = data[end:].decode()[:1].isalpha() and kind == NAME
        found.append(Glued.BOTH if native else Glued.BEHIND if behind else Glued.APART)
    return found
