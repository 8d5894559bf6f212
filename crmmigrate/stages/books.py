"""The books: every row that comes in has exactly one outcome, proven by key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crmmigrate.errors import BooksError
from crmmigrate.model.findings import FINDING_FRAME, FINDINGS_COLUMN, Rule
from crmmigrate.model.runs import BookLine, FindingCount

__all__ = ["Tally", "count_findings", "prove", "severities", "split_findings"]

_TOP = 50
_SHOWN = 5


def prove(where: str, keys_in: pl.Series, *keys_out: pl.Series | None) -> None:
    """Check that the outgoing keys are the incoming ones, each exactly once.

    Raises:
        BooksError: a key is lost, invented or in two outcomes; the first ones are named.
    """
    outgoing = pl.concat(
        [
            pl.Series("_key", [], dtype=pl.String),
            *[k.alias("_key") for k in keys_out if k is not None],
        ]
    )
    before, after = keys_in.alias("_key").sort(), outgoing.sort()
    if before.equals(after):
        return
    counts = (
        pl.concat([before.to_frame().with_columns(n=1), after.to_frame().with_columns(n=-1)])
        .group_by("_key")
        .agg(pl.col("n").sum())
        .filter(pl.col("n") != 0)
        .sort("_key")
    )
    causes = [
        f"{key}: {'lost' if n > 0 else 'invented or in two outcomes'}"
        for key, n in counts.head(_SHOWN).iter_rows()
    ]
    raise BooksError(
        f"the books do not balance: {before.len()} rows in, {after.len()} out",
        where=where,
        causes=causes,
        hint="this is a bug in crmmigrate: please report it with the log file",
    )


def severities(rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Return a frame (code, severity) of all rules."""
    return pl.DataFrame(
        {"code": list(rules), "severity": [str(rule.severity) for rule in rules.values()]},
        schema={"code": pl.String, "severity": pl.String},
    )


def split_findings(
    frame: pl.DataFrame, levels: pl.DataFrame, key: str = "_key"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take `_findings` off the rows.

    Args:
        frame: Rows with `key` and perhaps `_findings`.
        levels: Result of `severities`.
        key: Column that names the row.

    Returns:
        The rows without the column, and one row a finding (FINDING_FRAME).
    """
    if FINDINGS_COLUMN not in frame.columns:
        return frame, FINDING_FRAME.to_frame()
    found = (
        frame.select(pl.col(key).alias("_key"), FINDINGS_COLUMN)
        .filter(pl.col(FINDINGS_COLUMN).list.len() > 0)
        .explode(FINDINGS_COLUMN)
        .unnest(FINDINGS_COLUMN)
        .join(levels, on="code", how="left", maintain_order="left")
        .with_columns(pl.col("severity").fill_null("warning"))
        .select(FINDING_FRAME.names())
        .cast(FINDING_FRAME)
    )
    return frame.drop(FINDINGS_COLUMN), found


def count_findings(
    frames: Iterable[pl.DataFrame], rules: Mapping[str, Rule]
) -> tuple[FindingCount, ...]:
    """Count findings by code over many FINDING_FRAMEs, the most frequent first."""
    totals: dict[str, int] = {}
    for frame in frames:
        for code, count in frame.group_by("code").len().iter_rows():
            totals[code] = totals.get(code, 0) + count
    return ranked(totals, rules)


def ranked(totals: Mapping[str, int], rules: Mapping[str, Rule]) -> tuple[FindingCount, ...]:
    """Turn counts by code into FindingCounts, errors first, then by count."""
    order = {"error": 0, "warning": 1, "info": 2}
    found = [
        FindingCount(
            code,
            rules[code].name if code in rules else code.lower(),
            str(rules[code].severity) if code in rules else "warning",
            n,
        )
        for code, n in totals.items()
    ]
    return tuple(sorted(found, key=lambda f: (order.get(f.severity, 1), -f.count, f.code))[:_TOP])


@dataclass
class Tally:
    """Running totals of one object in one stage."""

    object: str
    rows_in: int = 0
    rows_out: int = 0
    changed: int = 0
    flagged: int = 0
    merged: int = 0
    rejected: int = 0
    excluded: int = 0
    codes: dict[str, int] = field(default_factory=dict)

    def add_findings(self, findings: pl.DataFrame) -> None:
        """Count findings by code, and the rows that were changed or flagged."""
        for code, count in findings.group_by("code").len().iter_rows():
            self.codes[code] = self.codes.get(code, 0) + count
        changed = findings.filter(pl.col("action").is_in(["changed", "split"]))
        flagged = findings.filter((pl.col("action") == "flagged") & (pl.col("severity") != "info"))
        self.changed += changed.get_column("_key").n_unique()
        self.flagged += flagged.get_column("_key").n_unique()

    def line(self) -> BookLine:
        """Return the book line.

        Raises:
            BooksError: it does not balance.
        """
        line = BookLine(
            self.object,
            self.rows_in,
            self.rows_out,
            changed=self.changed,
            flagged=self.flagged,
            merged=self.merged,
            rejected=self.rejected,
            excluded=self.excluded,
        )
        if not line.balanced:
            raise BooksError(f"the books of {self.object} do not balance: {line}")
        return line

    @staticmethod
    def sum_lines(lines: Sequence["Tally"]) -> tuple[BookLine, ...]:
        """Add up tallies of the same object, in order of first appearance."""
        totals: dict[str, Tally] = {}
        for tally in lines:
            total = totals.setdefault(tally.object, Tally(tally.object))
            for name in (
                "rows_in",
                "rows_out",
                "changed",
                "flagged",
                "merged",
                "rejected",
                "excluded",
            ):
                setattr(total, name, getattr(total, name) + getattr(tally, name))
        return tuple(total.line() for total in totals.values())

    @staticmethod
    def sum_codes(lines: Sequence["Tally"], rules: Mapping[str, Rule]) -> tuple[FindingCount, ...]:
        """Add up findings by code over tallies."""
        totals: dict[str, int] = {}
        for tally in lines:
            for code, count in tally.codes.items():
                totals[code] = totals.get(code, 0) + count
        return ranked(totals, rules)
