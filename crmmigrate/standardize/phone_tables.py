"""The numbering plans as columns."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import phonenumbers
import polars as pl
from numpy.typing import NDArray
from phonenumbers.phonemetadata import PhoneMetadata

from crmmigrate.standardize.phone_plan_file import load_plans
from crmmigrate.standardize.phone_prefixes import (
    Prefixes,
    prefix_table,
    split_captured,
    split_trunk,
)
from crmmigrate.values.phone_plans import Plans, metadata_of

__all__ = ["PlanTables", "plan_tables"]


@dataclass(frozen=True, slots=True, eq=False)
class PlanTables:
    """The numbering plans of the world.

    Attributes:
        root: State behind a plus sign.
        flat: Ten following states for each state, one behind the other.
        verdict_of: Row in `verdicts` for each state.
        verdicts: What is said about a number: `code`, `region`, `type`, `valid`, `reason`,
            `is_valid` and `is_possible` (as words), `general`, `fits`, `long` (bits of regions), `mark` (before an extension),
            `national` and `international` (rows in `written`), `main` (row in `regions` of the code's
            main region), and `code_length`.
        regions: One row a region, codes of no country last: `_region`, `code`, `code_length`,
            `start`, `bit`, `shortest` (digits of its shortest numbers), what is dialled before its numbers (states `abroad_at`, `trunk_at`, `local_at` and
            `captured_at` of `prefixes`, with the digits that are `added` to local numbers and, as
            in `Captured`, `front`, `back` and `needed`; whether that is of a kind that is `unread`;
            `longest_trunk` are the digits of the longest prefix
            of the region or its code's main one), and `main_row`, the row of that main region.
        known: Regions as a type; the numbers of its categories are rows in `regions`.
        prefixes: What is dialled before numbers.
        written: How numbers are written, digits as the letters `a` to `q`.
    """

    flat: NDArray[np.int32]
    verdict_of: pl.Series
    verdicts: pl.DataFrame
    regions: pl.DataFrame
    known: pl.Enum
    prefixes: Prefixes
    written: pl.Series
    root: int

    def row_of(self, regions: pl.Series) -> pl.Series:
        """Return the rows of regions, null for those without numbers."""
        return regions.cast(self.known, strict=False).to_physical().cast(pl.UInt32)


@cache
def plan_tables() -> PlanTables:
    """Return the tables of the installed library's metadata."""
    plans = load_plans()
    flat = np.array(plans.steps, np.int32)
    readable = pl.Series([verdict.reason != "" for verdict in plans.verdicts])
    verdict_of = pl.Series(plans.verdict_of, dtype=pl.UInt32)
    verdict_of *= readable.gather(verdict_of).cast(pl.UInt32)
    prefixes, regions = _regions(plans)
    templates = _templates(plans)
    verdicts = _verdicts(plans, templates, regions)
    known = pl.Enum(regions["_region"].drop_nulls())
    return PlanTables(flat, verdict_of, verdicts, regions, known, prefixes, templates, plans.root)


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
    main = regions.filter(pl.col("main_row") == pl.int_range(pl.len()))
    marks = dict(main.select("code", "mark").iter_rows())
    rows = dict(main.select("code", "main_row").iter_rows())
    code, valid = pl.col("code").cast(pl.String), pl.col("type") != "unknown"
    return frame.with_columns(
        pl.when(known).then("reason"),
        pl.when(pl.col("region") != "").then("region"),
        code,
        pl.col("national", "international").replace_strict(row_of, return_dtype=pl.UInt32),
        mark=code.replace_strict(marks, default=" ext. "),
        main=code.replace_strict(rows, default=None, return_dtype=pl.UInt32),
        code_length=pl.when(code != "0").then(code.str.len_bytes()).otherwise(0),
        valid=valid,
        is_valid=valid.cast(pl.String),
        is_possible=pl.col("reason").str.starts_with("is_possible").cast(pl.String),
    )


def _regions(plans: Plans) -> tuple[Prefixes, pl.DataFrame]:
    rows = []
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        for at, region in enumerate(regions):
            known = metadata_of(region, code)
            trunk, rule = _ascii(known.national_prefix_for_parsing), _rule(known)
            rows.append(
                {
                    "_region": None if region == "001" else region,
                    "code": str(code),
                    "code_length": len(str(code)),
                    "start": plans.starts[code],
                    "bit": 1 << at,
                    "main": regions[0],
                    "shortest": _shortest(known),
                    "mark": known.preferred_extn_prefix or " ext. ",
                    **_dialled(_ascii(known.international_prefix), trunk, rule),
                }
            )
    patterns = ("abroad_at", "trunk_at", "local_at", "captured_at")
    prefixes = prefix_table(str(row[name]) for row in rows for name in patterns)
    bits = dict.fromkeys(("start", "bit", "code_length", "shortest"), pl.UInt32)
    frame = pl.DataFrame(rows, schema_overrides=bits).sort("_region", nulls_last=True)
    place = {row: at for at, row in enumerate(frame.select("code", "_region").iter_rows())}
    main = [
        place[code, None if region == "001" else region]
        for code, region in frame.select("code", "main").iter_rows()
    ]
    frame = frame.with_columns(
        longest_trunk=pl.col("trunk_at").replace_strict(
            prefixes.longest_of, return_dtype=pl.UInt32
        ),
        main_row=pl.Series(main, dtype=pl.UInt32),
    )
    return prefixes, frame.with_columns(
        pl.max_horizontal("longest_trunk", pl.col("longest_trunk").gather("main_row")),
        pl.col(patterns).replace_strict(prefixes.starts, return_dtype=pl.UInt32),
    )


def _dialled(abroad: str, trunk: str, rule: str) -> dict[str, object]:
    split, captured = split_trunk(trunk, rule), split_captured(trunk, rule)
    said: dict[str, object] = {"abroad_at": abroad}
    if split is None and captured is not None:
        head = "" if captured.needed else captured.head
        said |= {"trunk_at": head, "local_at": "", "added": captured.added}
        kept = {"front": captured.front, "back": captured.back, "needed": captured.needed}
        return {**said, "captured_at": captured.whole, **kept, "unread": False}
    trunk, local, added = split or ("", "", "")
    said |= {"trunk_at": trunk, "local_at": local, "added": added, "captured_at": ""}
    return {**said, "front": 0, "back": 0, "needed": False, "unread": split is None}


def _shortest(known: PhoneMetadata) -> int:
    desc = known.general_desc
    return min(desc.possible_length, default=0) if desc is not None else 0


def _rule(known: PhoneMetadata) -> str:
    return (known.national_prefix_transform_rule or "").replace("\\", "$")


def _ascii(pattern: str | None) -> str:
    return (pattern or "").replace(r"\d", "[0-9]")
