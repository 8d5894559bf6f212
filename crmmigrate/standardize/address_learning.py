"""Which plan each address of a column is read by: plans are learned of what comes often enough."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled
from crmmigrate.compiled.shapes import number_distinct
from crmmigrate.model.regions import RegionRules
from crmmigrate.standardize.address_plans import Plan, Reader, learn_plan, try_form
from crmmigrate.standardize.address_runs import MOST_SLOTS
from crmmigrate.standardize.address_tokens import Tokens
from crmmigrate.standardize.address_vocabulary import Vocabulary

__all__ = ["Lane", "Memory", "plan_rows"]

_FORMS = 64
_SIZES = (64, MOST_SLOTS, _FORMS)
_MOST_PLANS = 20_000


@dataclass(slots=True)
class Memory:
    """What was learned of one region.

    Attributes:
        places: Signature → place in `plans`; -1 for those that cannot be planned.
        seen: Signature that is not in `places` → how often it came.
        plans: All plans.
        counts: How often each form came in each slot of each plan.
    """

    places: dict[int, int] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)
    counts: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(_SIZES, np.uint8))


@dataclass(frozen=True, slots=True)
class Lane:
    """What reading a column needs.

    Attributes:
        rules: The region.
        vocabulary: Its words.
        reader: Reads one row as the scalar does.
        memory: What was learned before.
        often: How often a signature must come before it is worth learning, a form half as often.
    """

    rules: RegionRules
    vocabulary: Vocabulary
    reader: Reader
    memory: Memory
    often: int


def plan_rows(texts: pl.Series, tokens: Tokens, lane: Lane) -> NDArray[np.int64]:
    """Return the plan of each row, -1 for none."""
    memory = lane.memory
    if len(memory.plans) > _MOST_PLANS:
        memory.places.clear()
        memory.plans.clear()
        memory.counts[:] = 0
    firsts, numbers = number_distinct(tokens.signatures)
    times = np.bincount(numbers)
    places = np.full(len(firsts), -1, np.int64)
    for at, (first, count) in enumerate(zip(firsts.tolist(), times.tolist(), strict=True)):
        places[at] = _place(int(tokens.signatures[first]), first, count, texts, tokens, lane)
    plans = places[numbers]
    if len(memory.plans) > len(memory.counts):
        grown = np.zeros((len(memory.plans) * 2, MOST_SLOTS, _FORMS), np.uint8)
        grown[: len(memory.counts)] = memory.counts
        memory.counts = grown
    _try_forms(texts, tokens, plans, lane)
    known = _bits([plan.forms for plan in memory.plans])
    _drop_unknown(plans, tokens.slots, tokens.counts, known)
    return plans


def _place(
    signature: int, first: int, count: int, texts: pl.Series, tokens: Tokens, lane: Lane
) -> int:
    """Return the place of a signature's plan, learning it if it comes often."""
    memory = lane.memory
    if not signature:
        return -1
    known = memory.places.get(signature)
    if known is not None:
        return known
    seen = memory.seen.get(signature, 0) + count
    if seen < lane.often:
        if len(memory.seen) > _MOST_PLANS:
            memory.seen.clear()
        memory.seen[signature] = seen
        return -1
    memory.seen.pop(signature, None)
    slots = tokens.slots[first, : tokens.counts[first]].tolist()
    plan = learn_plan(texts[first], slots, lane.reader, lane.rules, lane.vocabulary)
    memory.places[signature] = len(memory.plans) if plan else -1
    if plan:
        memory.plans.append(plan)
    return memory.places[signature]


def _try_forms(texts: pl.Series, tokens: Tokens, plans: NDArray[np.int64], lane: Lane) -> None:
    memory = lane.memory
    tried = _bits([plan.tried for plan in memory.plans])
    firsts = np.full((len(memory.plans), MOST_SLOTS, _FORMS), -1, np.int32)
    _count_forms(plans, tokens.slots, tokens.counts, tried, memory.counts, firsts)
    often = (firsts >= 0) & (memory.counts[: len(memory.plans)] >= lane.often // 2)
    for plan, number, form in np.argwhere(often).tolist():
        row = int(firsts[plan, number, form])
        slots = tokens.slots[row, : tokens.counts[row]].tolist()
        try_form(
            memory.plans[plan], number, texts[row], slots, lane.reader, lane.rules, lane.vocabulary
        )


def _bits(forms: Sequence[Sequence[int]]) -> NDArray[np.uint64]:
    table = np.zeros((max(len(forms), 1), MOST_SLOTS), np.uint64)
    for row, bits in enumerate(forms):
        table[row, : len(bits)] = bits
    return table


@compiled
def _count_forms(
    plans: NDArray[np.int64],
    slots: NDArray[np.int16],
    counts: NDArray[np.int64],
    tried: NDArray[np.uint64],
    seen: NDArray[np.uint8],
    firsts: NDArray[np.int32],
) -> None:
    """Count forms that were not tried, and note the first row that has each."""
    for row in range(len(plans)):
        plan = plans[row]
        if plan < 0:
            continue
        for slot in range(counts[row]):
            form = slots[row, slot, 4]
            if (tried[plan, slot] >> np.uint64(form)) & np.uint64(1):
                continue
            if seen[plan, slot, form] < 200:
                seen[plan, slot, form] += 1
            if firsts[plan, slot, form] < 0:
                firsts[plan, slot, form] = row


@compiled
def _drop_unknown(
    plans: NDArray[np.int64],
    slots: NDArray[np.int16],
    counts: NDArray[np.int64],
    known: NDArray[np.uint64],
) -> None:
    """Take the plan from rows with a form that it does not hold for."""
    for row in range(len(plans)):
        plan = plans[row]
        if plan < 0:
            continue
        for slot in range(counts[row]):
            if not (known[plan, slot] >> np.uint64(slots[row, slot, 4])) & np.uint64(1):
                plans[row] = -1
                break
