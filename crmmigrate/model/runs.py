"""What a stage reports: books, findings by code, gates and the next step."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["REPORT_VERSION", "BookLine", "FindingCount", "GateResult", "StageReport"]

REPORT_VERSION = 1


@dataclass(frozen=True, slots=True)
class BookLine:
    """The books of one object or dataset in one stage, in rows.

    Balanced means `rows_in == rows_out + merged + rejected + excluded`.
    """

    object: str
    rows_in: int
    rows_out: int
    changed: int = 0
    flagged: int = 0
    merged: int = 0
    rejected: int = 0
    excluded: int = 0

    @property
    def balanced(self) -> bool:
        """Whether every row in has exactly one outcome."""
        return self.rows_in == self.rows_out + self.merged + self.rejected + self.excluded


@dataclass(frozen=True, slots=True)
class FindingCount:
    """How often one rule fired."""

    code: str
    name: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class GateResult:
    """One gate with what was allowed and what was seen."""

    name: str
    passed: bool
    limit: str
    actual: str


@dataclass(frozen=True, slots=True)
class StageReport:
    """What a stage tells the person and the machine."""

    stage: str
    run_id: str
    books: tuple[BookLine, ...] = ()
    findings: tuple[FindingCount, ...] = ()
    gates: tuple[GateResult, ...] = ()
    notes: tuple[str, ...] = ()
    artifacts: str = ""
    next_command: str = ""
    seconds: float = 0.0
    skipped: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Stage-specific JSON-ready facts, e.g. the plan's counts by action."""

    def to_json(self) -> dict[str, Any]:
        """Return the versioned document that `--json` prints."""
        return {"version": REPORT_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "StageReport":
        """Return the report that `to_json` wrote."""
        plain = {key: value for key, value in document.items() if key != "version"}
        plain["books"] = tuple(BookLine(**line) for line in plain["books"])
        plain["findings"] = tuple(FindingCount(**count) for count in plain["findings"])
        plain["gates"] = tuple(GateResult(**gate) for gate in plain["gates"])
        plain["notes"] = tuple(plain["notes"])
        return cls(**plain)
