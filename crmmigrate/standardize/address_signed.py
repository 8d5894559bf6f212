"""Addresses read by plans: signatures are told by loops, plans learned from the scalar, parts filled in.

What has no plan (rare signatures, readings that depend on what the names are) is left to others.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column
from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.address_filling import fill_column, fold_hashes, form_table
from crmmigrate.standardize.address_learning import Lane, Memory, plan_rows
from crmmigrate.standardize.address_plans import Plan
from crmmigrate.standardize.address_templates import Piece, fill_template
from crmmigrate.standardize.address_tokens import Tokens, read_tokens
from crmmigrate.standardize.address_vocabulary import vocabulary_of
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.values.address_american import is_doubtful
from crmmigrate.values.address_east import has_han
from crmmigrate.values.address_outcome import AddressReading, tell
from crmmigrate.values.address_plain import read_plain
from crmmigrate.values.address_region import region_of
from crmmigrate.values.address_validity import KEY_LENGTH, misplaced, validity
from crmmigrate.values.address_voices import is_clean, speaks_of
from crmmigrate.values.addresses import read_address
from crmmigrate.values.outcome import Outcome

__all__ = ["OFTEN", "SELDOM", "names_quarter", "read_signed", "read_signed_texts"]

_PARTS = PARTS[SemanticType.POSTAL_ADDRESS][:-1]
OFTEN, SELDOM = 16, 4
"""How often a signature of texts must come before its plan is worth learning: where the patterns of
regions may still read the text, and where only the scalar function would."""
_SAID = 60
"""Characters of what could not be placed that a message repeats."""


@lru_cache(maxsize=512)
def _memory_of(rules: RegionRules) -> Memory:  # noqa: ARG001 - one memory a region
    return Memory()


def read_signed_texts(
    rows: pl.DataFrame, book: RegionBook, often: int = OFTEN
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read addresses in one text.

    Args:
        rows: `_at`, `text` and `_region`; the text is the only column that is filled.
        book: Rules of all regions.
        often: OFTEN or SELDOM.

    Yields:
        Row numbers and their outcomes; rows without a plan are left out.
    """
    american = book.get("US")
    for group in rows.partition_by("_region"):
        rules = book.get(group["_region"][0])
        reader = partial(_read_text, rules=rules, book=book)
        lane = Lane(rules, vocabulary_of(rules, american), reader, _memory_of(rules), often)
        places, read = read_signed(group["text"], group["text"], None, (), lane)
        yield group["_at"].gather(places), read


def _read_text(text: str, rules: RegionRules, book: RegionBook) -> Outcome | None:
    """Read a text, unless it is of another country, or words in it decide that no rule knows."""
    if names_quarter(text, rules) or region_of({"text": text}, rules.code, book.get) != rules.code:
        return None
    outcome = read_address({"text": text}, rules.code, book.get)
    if not speaks_of(rules.code) or read_plain(text, rules):
        return outcome
    doubtful = is_doubtful(text, outcome.parts, rules) or not _VOICES.isdisjoint(outcome.codes)
    return outcome if is_clean(outcome.parts) and not doubtful else None


_QUARTER = re.compile(r"(?<![^\W_])(?:s|sect|sector)\.?\s?\d\)?(?=[\s,]|$)", re.IGNORECASE)


def names_quarter(text: str, rules: RegionRules) -> bool:
    """Tell whether a text may name a quarter by its number, `S3`: then the digit decides."""
    return bool(rules.address.quarters) and _QUARTER.search(text) is not None


_VOICES = frozenset({"STD311", "STD314"})
"""Codes of readings that follow a second voice, which goes by what the names are."""


def read_signed(
    texts: pl.Series,
    raw: pl.Series,
    fixed: pl.Series | None,
    told: Sequence[tuple[str, ...]],
    lane: Lane,
) -> tuple[pl.Series, pl.DataFrame]:
    """Read what has a plan.

    Args:
        texts: Addresses; cells that are read already stand behind CELL.
        raw: What was written.
        fixed: For each row, place in `told` of the codes that its cells have; None for no codes.
        told: Codes of cells.
        lane: How to read.

    Returns:
        Places of the rows that were read, and their outcomes.
    """
    column = text_column(texts)
    tokens = read_tokens(column, lane.vocabulary)
    plans = plan_rows(texts, tokens, lane)
    rows = np.flatnonzero(plans >= 0)
    if not len(rows):
        return pl.Series(dtype=pl.UInt32), fast_frame(
            pl.DataFrame({"value": []}), PARTS[SemanticType.POSTAL_ADDRESS]
        )
    chosen = _Chosen(rows, texts[rows], raw[rows], plans[rows],
                     np.zeros(len(rows), np.int64) if fixed is None else fixed.to_numpy()[rows].astype(np.int64))  # fmt: skip
    return _filled(
        chosen, Tokens(tokens.signatures[rows], tokens.counts[rows], tokens.slots[rows]), told, lane
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Rows that have a plan: their places, texts, what was written, plans, codes of cells."""

    rows: NDArray[np.int64]
    texts: pl.Series
    raw: pl.Series
    plans: NDArray[np.int64]
    fixed: NDArray[np.int64]


_MARK = "Xq{}q"
_HAN_MARK = "々Xq{}q"
_MARKS = re.compile(r"々?Xq(\d+)q")


def _outcome(plan: Plan, codes: tuple[str, ...], lane: Lane, *, elsewhere: bool) -> Outcome:
    """Return what is said about addresses of a plan, with a mark in place of each part."""
    known = plan.told.get((codes, elsewhere))
    if known is None:
        known = plan.told[codes, elsewhere] = _say(plan, codes, lane, elsewhere=elsewhere)
    return known


def _say(plan: Plan, codes: tuple[str, ...], lane: Lane, *, elsewhere: bool) -> Outcome:
    marked = {
        part: (_HAN_MARK if _is_han(plan, part) else _MARK).format(at)
        for at, part in enumerate(plan.parts)
    }
    country = plan.parts.get("country")
    if country is not None:
        marked["country"] = "".join(p for p in country if isinstance(p, str)) or lane.rules.code
    owner = _MARK.format(len(marked)) if elsewhere else None
    return tell(AddressReading(marked, (*codes, *plan.codes), lane.rules), owner)


def _is_han(plan: Plan, part: str) -> bool:
    """Tell whether a part has Chinese letters: lines of such addresses are written another way."""
    return has_han(fill_template(plan.parts[part], plan.example.slots) or "")


def _flat(text: str | None, plan: Plan) -> tuple[Piece, ...]:
    """Return a template of a text with marks, made of the templates of the parts."""
    if text is None:
        return ()
    parts = list(plan.parts.values())
    pieces: list[Piece] = []
    for at, piece in enumerate(_MARKS.split(text)):
        if at % 2 and int(piece) < len(parts):
            pieces += parts[int(piece)]
        elif piece:
            pieces.append(piece)
    return tuple(pieces)


def _filled(
    chosen: _Chosen, tokens: Tokens, told: Sequence[tuple[str, ...]], lane: Lane
) -> tuple[pl.Series, pl.DataFrame]:
    """Write parts, lines and what is said about them."""
    used, plans = np.unique(chosen.plans, return_inverse=True)
    known = [lane.memory.plans[at] for at in used.tolist()]
    usual = [_outcome(plan, (), lane, elsewhere=False) for plan in known]
    column, forms = text_column(chosen.texts), form_table(lane.vocabulary)
    templates: dict[str, list[tuple[Piece, ...]]] = {
        "value": [_flat(o.value, p) for o, p in zip(usual, known, strict=True)],
        "message": [_flat(o.message, p) for o, p in zip(usual, known, strict=True)],
    }
    for part in _PARTS:
        templates[part] = [plan.parts.get(part, ()) for plan in known]
    failed = np.zeros(len(plans), np.bool_)
    columns: dict[str, pl.Series] = {}
    for name, pieces in templates.items():
        if any(pieces):
            filled = fill_column(name, column, tokens, plans, pieces, forms)
            columns[name], failed = filled.texts, failed | filled.failed
    frame = pl.DataFrame(columns)
    failed |= _doubtful(frame)
    frame, elsewhere = _placed(frame, lane)
    table, places = _sayings(known, plans, chosen.fixed, elsewhere, told, lane)
    same = (frame["value"] == chosen.raw).fill_null(value=False).to_numpy()
    said = table[places * 2 + same]
    done = fast_frame(frame.with_columns(said.get_columns()), PARTS[SemanticType.POSTAL_ADDRESS])
    kept = ~failed
    rows = pl.Series(chosen.rows[kept], dtype=pl.UInt32)
    return rows, done if kept.all() else done.filter(pl.Series(kept))


def _doubtful(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows have a part that says town or postcode again, or much that has no place."""
    doubtful = np.zeros(frame.height, np.bool_)
    if "unparsed" in frame.columns:
        doubtful |= (frame["unparsed"].str.len_bytes().fill_null(0) > _SAID).to_numpy()
        if "postal_code" in frame.columns:
            again = pl.col("unparsed").str.contains(pl.col("postal_code"), literal=True)
            doubtful |= frame.select(again.fill_null(value=False)).to_series().to_numpy()
    if "locality" not in frame.columns:
        return doubtful
    towns = fold_hashes(text_column(frame["locality"]))
    for part in ("region", "dependent_locality"):
        if part in frame.columns:
            others = fold_hashes(text_column(frame[part]))
            doubtful |= (towns == others) & (towns != 0)
    return doubtful


def _placed(frame: pl.DataFrame, lane: Lane) -> tuple[pl.DataFrame, NDArray[np.bool_]]:
    """Tell which postcodes belong to another province than the written one, and say so."""
    nowhere = np.zeros(frame.height, np.bool_)
    if "region" not in frame.columns or "postal_code" not in frame.columns:
        return frame, nowhere
    pairs = frame.select(_key=pl.col("postal_code").str.head(KEY_LENGTH), _province="region")
    distinct = pairs.drop_nulls().unique()
    owners = [misplaced(code, region, lane.rules) for code, region in distinct.iter_rows()]
    table = distinct.with_columns(_owner=pl.Series(owners, dtype=pl.String))
    owner = pairs.join(table, on=["_key", "_province"], how="left", maintain_order="left")["_owner"]
    if owner.null_count() == owner.len():
        return frame, nowhere
    said = pl.format("{} is a postcode of {}, not of {}", "postal_code", "_owner", "region")
    before = pl.col("message") if "message" in frame.columns else pl.lit(None, dtype=pl.String)
    told = pl.when(pl.col("_owner").is_not_null()).then(pl.coalesce(before, said)).otherwise(before)
    return frame.with_columns(owner).with_columns(message=told).drop(
        "_owner"
    ), owner.is_not_null().to_numpy()


def _sayings(
    known: Sequence[Plan],
    plans: NDArray[np.int64],
    fixed: NDArray[np.int64],
    elsewhere: NDArray[np.bool_],
    told: Sequence[tuple[str, ...]],
    lane: Lane,
) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Return status, codes, confidence and validity of each kind of row, twice: changed and not."""
    kinds, places = np.unique(
        (plans * 2 + elsewhere) * max(len(told), 1) + fixed, return_inverse=True
    )
    said: list[tuple[str, list[str], float, str]] = []
    for kind in kinds.tolist():
        rest, cells = divmod(kind, max(len(told), 1))
        plan, other = divmod(rest, 2)
        outcome = _outcome(known[plan], told[cells] if told else (), lane, elsewhere=bool(other))
        right = validity(outcome.codes)
        said.append((outcome.status, list(outcome.codes), outcome.confidence, right))
        said.append(
            ("unchanged", list(outcome.codes[1:]), outcome.confidence, validity(outcome.codes[1:]))
        )
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "status": pl.String,
        "codes": pl.List(pl.String),
        "confidence": pl.Float64,
        "validity": pl.String,
    }
    return pl.DataFrame(said, schema=schema, orient="row"), places
