"""The numbering plans as columns: many numbers walk through the table side by side."""

from dataclasses import dataclass
from functools import cache

import phonenumbers
import polars as pl
import pyarrow as pa

from crmmigrate.standardize.phone_formats import template_table
from crmmigrate.standardize.phone_plan_file import load_plans
from crmmigrate.values.phone_plans import Plans, metadata_of

__all__ = ["PlanTables", "plan_tables"]

_SIGNS = 11
"""Ten digits and `:`, the sign behind `9`, for the end of a number."""
_END = ":"
_ROWS = 1 << 16
"""So many numbers at a time stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanTables:
    """The numbering plans of the world.

    Attributes:
        root: State behind a plus sign.
        verdicts: What is said about a state: `code`, `region`, `type`, `valid`, `reason`,
            `possible`, `general`, `fits`, `long` (bits of regions), `mark` (before an extension),
            and `national` and `international` (rows in `templates`).
        regions: One row a region: `_region`, `code`, `start`, `bit`, and the patterns before its
            numbers: `abroad`, `trunk`, `rule`; the row of each code's main region has `main`.
        templates: How numbers are written, see `phone_formats`.
    """

    steps: pl.Series
    verdict_of: pl.Series
    verdicts: pl.DataFrame
    regions: pl.DataFrame
    templates: pl.DataFrame
    root: int

    def walk(self, digits: pl.Series, start: pl.Series | int) -> pl.Series:
        """Return the row in `verdicts` of each number.

        Args:
            digits: ASCII digits without anything else.
            start: State to begin with.
        """
        first = pl.Series([start], dtype=pl.UInt32) if isinstance(start, int) else start
        if first.len() != digits.len():
            first = pl.repeat(first[0], digits.len(), dtype=pl.UInt32, eager=True)
        states = [
            self._walk(digits[at : at + _ROWS], first[at : at + _ROWS] * _SIGNS)
            for at in range(0, digits.len(), _ROWS)
        ]
        empty = pl.Series(dtype=pl.UInt32)
        return self.verdict_of.gather(pl.concat([empty, *states]) // _SIGNS)

    def _walk(self, digits: pl.Series, state: pl.Series) -> pl.Series:
        width = max([1, *digits.str.len_bytes().top_k(1)])
        signs = digits.str.pad_end(width, _END).to_arrow()
        size = len(digits) * width
        flat = pl.Series(pa.Array.from_buffers(pa.uint8(), size, [None, signs.buffers()[2]]))
        for at in range(width):
            sign = flat.gather_every(width, at).cast(pl.UInt32) - ord("0")
            state = self.steps.gather(sign + state)
        return state

    def told(self, rows: pl.Series, *names: str) -> pl.DataFrame:
        """Return columns of what is said about each number."""
        return pl.DataFrame([self.verdicts[name].gather(rows) for name in names])


@cache
def plan_tables() -> PlanTables:
    """Return the tables of the installed library's metadata."""
    plans = load_plans()
    count = len(plans.verdict_of)
    rows = pl.Series(plans.steps, dtype=pl.UInt32).reshape((count, 10)).arr.to_list()
    frame = pl.DataFrame({"rows": rows, "self": pl.int_range(count, dtype=pl.UInt32, eager=True)})
    steps = frame.select(
        pl.concat_list("rows", "self").explode(empty_as_null=True, keep_nulls=True) * _SIGNS
    ).to_series()
    verdict_of = pl.Series(plans.verdict_of, dtype=pl.UInt32)
    regions, templates = _regions(plans), _templates(plans)
    verdicts = _verdicts(plans, templates, regions)
    return PlanTables(steps, verdict_of, verdicts, regions, template_table(templates), plans.root)


def _templates(plans: Plans) -> pl.Series:
    both = (
        text for verdict in plans.verdicts for text in (verdict.national, verdict.international)
    )
    return pl.Series(list(dict.fromkeys(both)))


def _verdicts(plans: Plans, templates: pl.Series, regions: pl.DataFrame) -> pl.DataFrame:
    bits = dict.fromkeys(("general", "fits", "long"), pl.UInt32)
    names = ("code", "region", "type", "reason", *bits, "national", "international")
    columns = {name: [getattr(v, name) for v in plans.verdicts] for name in names}
    frame = pl.DataFrame(columns, schema_overrides={"code": pl.UInt32, **bits})
    known = pl.col("reason") != ""
    row_of = dict(zip(templates, range(len(templates)), strict=True))
    marks = dict(regions.filter("main").select("code", "mark").iter_rows())
    code = pl.col("code").cast(pl.String)
    return frame.with_columns(
        pl.when(known).then("reason"),
        pl.when(pl.col("region") != "").then("region"),
        code,
        pl.col("national", "international").replace_strict(row_of, return_dtype=pl.UInt32),
        mark=code.replace_strict(marks, default=" ext. "),
        valid=pl.col("type") != "unknown",
        possible=pl.col("reason").str.starts_with("is_possible"),
    )


def _regions(plans: Plans) -> pl.DataFrame:
    rows = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for at, region in enumerate(regions):
            known = metadata_of(region, code)
            rows.append(
                {
                    "_region": None if region == "001" else region,
                    "code": str(code),
                    "start": plans.starts[code],
                    "bit": 1 << at,
                    "main": at == 0,
                    "abroad": _ascii(known.international_prefix),
                    "trunk": _ascii(known.national_prefix_for_parsing),
                    "rule": (known.national_prefix_transform_rule or "").replace("\\", "$"),
                    "mark": known.preferred_extn_prefix or " ext. ",
                }
            )
    bits = {"start": pl.UInt32, "bit": pl.UInt32}
    return pl.DataFrame(rows, schema_overrides=bits)


def _ascii(pattern: str | None) -> str:
    return (pattern or "").replace(r"\d", "[0-9]")
