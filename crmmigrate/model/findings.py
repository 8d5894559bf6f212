"""Findings: what a kernel or a stage has to say about one row, and the rules behind them."""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

__all__ = ["FINDING", "FINDINGS_COLUMN", "FINDING_FRAME", "Rule", "Severity"]

FINDINGS_COLUMN = "_findings"

FINDING = pl.Struct(
    {
        "code": pl.String,
        "field": pl.String,
        "before": pl.String,
        "after": pl.String,
        "message": pl.String,
        "action": pl.String,
    }
)
"""One finding as it rides on a row in the column `_findings` (a list of these).

`action` is one of changed, flagged, split, rejected, excluded. The severity belongs to the
rule (see `Rule`), not to the row, and is joined on by the stage.
"""

FINDING_FRAME = pl.Schema(
    {
        "_key": pl.String,
        "code": pl.String,
        "field": pl.String,
        "before": pl.String,
        "after": pl.String,
        "message": pl.String,
        "action": pl.String,
        "severity": pl.String,
    }
)
"""Schema of the `findings` channel of a stage artifact: one row a finding."""


class Severity(StrEnum):
    """How much a finding matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Rule:
    """A documented rule: `crmmigrate explain CODE` prints it.

    Attributes:
        code: e.g. STD101; the prefix names the stage.
        name: snake_case name, unique.
        severity: Default severity.
        doc: Why the rule exists and what it does, in a few sentences.
        hint: What the reader can do about a finding.
        cases: Pairs of input and outcome, as text, that show it.
    """

    code: str
    name: str
    severity: Severity
    doc: str
    hint: str = ""
    cases: tuple[tuple[str, str], ...] = ()
