"""What is known of one record on its way from the source to the target."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["TRACE_VERSION", "FieldTrace", "Member", "RecordTrace", "Trace", "TracedFinding"]

TRACE_VERSION = 1


@dataclass(frozen=True, slots=True)
class TracedFinding:
    """What one stage said about the record."""

    stage: str
    code: str
    field: str
    before: str | None
    after: str | None
    message: str
    action: str


@dataclass(frozen=True, slots=True)
class Member:
    """Another record of the same cluster, and why it is there.

    Attributes:
        key: Its record key.
        score: Of the pair with the traced record; None if the two were not compared directly.
        judgement: Of that pair.
        contributions: Feature, values, level and weight of each part of the score.
    """

    key: str
    score: float | None = None
    judgement: str = ""
    contributions: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class FieldTrace:
    """One column of the record on its way.

    Attributes:
        field: Canonical column.
        mapped: As it came from the source.
        standardized: After standardizing.
        golden: In the golden record.
        chosen_from: Key of the record the golden value was taken from.
        chosen_by: Survivorship rule.
        target: What the plan writes.
        was: What the target held before.
    """

    field: str
    mapped: str | None = None
    standardized: str | None = None
    golden: str | None = None
    chosen_from: str | None = None
    chosen_by: str | None = None
    target: str | None = None
    was: str | None = None


@dataclass(frozen=True, slots=True)
class RecordTrace:
    """One record: a source row on its way to one object."""

    object: str
    key: str
    golden_key: str | None
    fate: str
    fields: tuple[FieldTrace, ...]
    findings: tuple[TracedFinding, ...]
    members: tuple[Member, ...]
    operation: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """Everything known of a key: the source row, and each record made of it."""

    key: str
    run_id: str
    row_key: str
    source: Mapping[str, str | None]
    findings: tuple[TracedFinding, ...]
    fate: str
    records: tuple[RecordTrace, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the versioned document that `--json` prints."""
        return {"version": TRACE_VERSION, **asdict(self)}
