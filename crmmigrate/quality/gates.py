"""Gates: limits that decide whether a run counts as failed."""

from collections.abc import Iterable, Sequence

from crmmigrate.model.runs import BookLine, FindingCount, GateResult
from crmmigrate.model.validation import Gate

__all__ = ["check_gates"]

_MEASURES = ("rejected", "flagged", "excluded", "merged")


def check_gates(
    gates: Iterable[Gate], books: Sequence[BookLine], findings: Sequence[FindingCount]
) -> tuple[GateResult, ...]:
    """Compare each gate with the books and findings of a stage.

    Shares are of the rows that came in, over all objects or over the gate's own. A gate on an
    object that is not in these books passes.
    """
    return tuple(_check(gate, books, findings) for gate in gates)


def _check(gate: Gate, books: Sequence[BookLine], findings: Sequence[FindingCount]) -> GateResult:
    lines = [line for line in books if gate.object in {None, line.object}]
    total = sum(line.rows_in for line in lines)
    if gate.measure in _MEASURES:
        count = sum(getattr(line, gate.measure) for line in lines)
    else:
        count = sum(found.count for found in findings if found.code == gate.measure)
    share = f" ({count * 100 / total:.2f}%)" if total else ""
    return GateResult(
        name=gate.name,
        passed=gate.limit.allows(count, total),
        limit=str(gate.limit),
        actual=f"{count} of {total}{share}",
    )
