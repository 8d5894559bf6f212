"""The shape of report.json: a versioned contract, exported as JSON Schema.

Every section is a closed, frozen model. Counts are rows; shares are left to the reader, so
that figures can be added up. Values of the data appear masked only; keys appear as they are.
"""

from typing import Any, Literal

from pydantic import Field

from crmmigrate.config.yaml import ClosedModel
from crmmigrate.report.sign_off import DifferenceLine, LevelLine, SignOff

__all__ = [
    "REPORT_DOCUMENT_VERSION",
    "AddressLine",
    "CauseCount",
    "ClusterLine",
    "Contribution",
    "CoverageLine",
    "DatasetLine",
    "DuplicateSection",
    "ExcludeLine",
    "FindingLine",
    "FunnelLine",
    "GateLine",
    "Histogram",
    "IgnoredColumn",
    "Light",
    "LoadLine",
    "MappedColumn",
    "PairExample",
    "QualityLine",
    "ReconciliationLine",
    "ReportDocument",
    "RunLine",
    "Sample",
    "StageLine",
    "Totals",
    "Verdict",
    "report_schema",
]

REPORT_DOCUMENT_VERSION = 1

LightState = Literal["good", "attention", "bad", "open"]


class RunLine(ClosedModel):
    """Which run of which project this is about."""

    id: str
    project: str
    started_at: str
    generated_at: str
    crmmigrate: str
    target: str


class Verdict(ClosedModel):
    """The one sentence for whoever reads nothing else."""

    state: LightState
    title: str
    sentence: str


class Light(ClosedModel):
    """One traffic light of the summary."""

    name: str
    state: LightState
    text: str


class GateLine(ClosedModel):
    """One gate of one stage: what was allowed and what was seen."""

    stage: str
    name: str
    passed: bool
    limit: str
    actual: str


class StageLine(ClosedModel):
    """One stage: whether it ran and what came of the rows."""

    stage: str
    done: bool
    seconds: float = 0.0
    rows_in: int = 0
    rows_out: int = 0
    merged: int = 0
    rejected: int = 0
    excluded: int = 0
    balanced: bool = True
    notes: tuple[str, ...] = ()


class FunnelLine(ClosedModel):
    """Where the rows of one dataset went on their way to one object; it always adds up.

    `rows = excluded + held + rejected + merged + created + updated + unchanged + failed + pending
    + unmapped + unaccounted`; `unaccounted` other than 0 is a bug.
    """

    source: str
    dataset: str
    object: str
    rows: int
    excluded: int = 0
    rejected: int = 0
    merged: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = Field(0, description="the target refused the record: a dead letter")
    pending: int = Field(0, description="not loaded yet")
    held: int = Field(0, description="held back by the plan until somebody has decided")
    unmapped: int = Field(0, description="no mapping reads the dataset")
    unaccounted: int = 0


class Totals(ClosedModel):
    """The books of all datasets together.

    Attributes:
        source_rows: Physical rows read, each once, also if it gives records of several objects.
        records: Records on the way to an object; one row can give several.
    """

    source_rows: int = 0
    records: int = 0
    excluded: int = 0
    rejected: int = 0
    merged: int = 0
    loaded: int = 0
    failed: int = 0
    pending: int = 0
    held: int = 0
    unmapped: int = 0
    unaccounted: int = 0


class AddressLine(ClosedModel):
    """Addresses of one country, by whether they can be right.

    Attributes:
        country: ISO 3166-1 code that the addresses name; '' where they name none.
        valid: Nothing is missing and nothing contradicts.
        plausible: Read, with something left over, guessed or repaired.
        incomplete: A part that the country needs is missing.
        inconsistent: Parts contradict each other.
        not_an_address: Placeholders and notes.
    """

    country: str
    valid: int
    plausible: int
    incomplete: int
    inconsistent: int
    not_an_address: int


class QualityLine(ClosedModel):
    """One field before standardizing and after merging.

    Attributes:
        records: Records of the object before merging.
        filled: Of these, with a value in the field.
        sound_before: Filled values that were already in standard form.
        sound_after: Filled values that are in standard form now.
        changed: Values that were rewritten.
        flagged: Values kept as they were because no standard form is certain.
        golden: Records after merging.
        golden_filled: Of these, with a value.
    """

    object: str
    field: str
    label: str
    type: str
    records: int
    filled: int
    sound_before: int
    sound_after: int
    changed: int
    flagged: int
    golden: int
    golden_filled: int


class Sample(ClosedModel):
    """One masked example of a finding."""

    key: str
    field: str
    before: str | None
    after: str | None
    message: str
    change: str = Field("", description="what differs, in words, because the values are masked")


class FindingLine(ClosedModel):
    """One rule: how often it fired and a few masked examples."""

    code: str
    name: str
    severity: str
    stage: str
    count: int
    doc: str = ""
    hint: str = ""
    samples: tuple[Sample, ...] = ()


class Histogram(ClosedModel):
    """Candidate pairs by score; `edges` has one number more than each list of counts."""

    edges: tuple[float, ...]
    match: tuple[int, ...]
    review: tuple[int, ...]
    no_match: tuple[int, ...]


class Contribution(ClosedModel):
    """What one feature added to, or took from, the score of a pair."""

    feature: str
    value_a: str | None
    value_b: str | None
    level: str
    weight: float


class PairExample(ClosedModel):
    """Why two records were, or were not, taken for the same.

    The weights need not sum up to the score: evidence that tends to agree together counts
    once, and two records taken at random are most likely not the same.
    """

    key_a: str
    key_b: str
    score: float
    probability: float | None
    judgement: str
    why_shown: str
    veto: str = Field("", description="code of the rule that keeps the two apart")
    veto_name: str = ""
    contributions: tuple[Contribution, ...]


class ClusterLine(ClosedModel):
    """One group of records that were taken for the same."""

    golden_key: str
    size: int
    sources: tuple[str, ...]
    keys: tuple[str, ...]


class DuplicateSection(ClosedModel):
    """Duplicates of one object."""

    object: str
    records: int
    golden: int
    clusters: int
    cluster_sizes: dict[str, int]
    across_sources: int = Field(0, description="clusters with records of more than one source")
    pairs: int
    matches: int
    reviews: int
    match_threshold: float | None
    review_threshold: float | None
    histogram: Histogram | None
    biggest: tuple[ClusterLine, ...]
    examples: tuple[PairExample, ...]


class IgnoredColumn(ClosedModel):
    """A source column that is deliberately left behind."""

    column: str
    why: str


class MappedColumn(ClosedModel):
    """A source column and the fields it fills, as `object.field`; also keys and conditions."""

    column: str
    fields: tuple[str, ...]


class ExcludeLine(ClosedModel):
    """A rule that sets rows aside, with its reason and how many it met; no object: the reader."""

    object: str
    rule: str
    why: str
    rows: int


class CoverageLine(ClosedModel):
    """What becomes of the columns of one dataset."""

    source: str
    dataset: str
    objects: tuple[str, ...]
    columns: int
    mapped: tuple[MappedColumn, ...]
    unmapped: tuple[str, ...]
    ignored: tuple[IgnoredColumn, ...]
    excluded: tuple[ExcludeLine, ...] = ()


class DatasetLine(ClosedModel):
    """A dataset that is deliberately left behind."""

    source: str
    dataset: str
    why: str


class LoadLine(ClosedModel):
    """Planned operations of one object and action, and what became of them."""

    object: str
    action: str
    planned: int
    succeeded: int
    rejected: int
    pending: int


class CauseCount(ClosedModel):
    """Dead letters of one cause."""

    object: str
    code: str
    field: str
    message: str
    count: int
    keys: tuple[str, ...]


class ReconciliationLine(ClosedModel):
    """What reading the target back showed for one object."""

    object: str
    expected: int
    found: int
    differing: int
    missing: int = Field(0, description="not in the target, refused records included")
    extra: int = Field(0, description="ours, but nothing asks for it any more")
    others: int = Field(0, description="records that did not come from us; they are left alone")


class ReportDocument(ClosedModel):
    """The whole report."""

    version: int = REPORT_DOCUMENT_VERSION
    run: RunLine
    verdict: Verdict
    lights: tuple[Light, ...]
    gates: tuple[GateLine, ...]
    totals: Totals
    stages: tuple[StageLine, ...]
    funnel: tuple[FunnelLine, ...]
    quality: tuple[QualityLine, ...]
    addresses: tuple[AddressLine, ...] = ()
    findings: tuple[FindingLine, ...]
    duplicates: tuple[DuplicateSection, ...]
    coverage: tuple[CoverageLine, ...]
    left_behind: tuple[DatasetLine, ...]
    load: tuple[LoadLine, ...]
    dead_letters: tuple[CauseCount, ...]
    reconciliation: tuple[ReconciliationLine, ...]
    levels: tuple[LevelLine, ...] = ()
    differences: tuple[DifferenceLine, ...] = ()
    signed: SignOff | None = None
    notes: tuple[str, ...] = ()


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of report.json."""
    schema = ReportDocument.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "crmmigrate report"
    return schema
