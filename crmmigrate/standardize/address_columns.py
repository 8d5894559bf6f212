"""Plain addresses in columns of their own: written as one line, they take the lane of lines.

Street, town, postcode, province and country in separate columns are what most CRMs export. Rows
whose columns hold no more than their names say are joined in the order of their region, read by the
patterns of plain lines, and kept only if every column came out as the part it stands for.
"""

from collections.abc import Iterator

import polars as pl

from crmmigrate.model.regions import RegionBook, RegionRules
from crmmigrate.standardize.address_lane import read_plain_addresses
from crmmigrate.standardize.address_spelling import spell_towns
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.addresses import read_address
from crmmigrate.values.folding import fold

__all__ = ["read_column_addresses"]

_NEEDED = ("street", "locality", "postal_code")
_OPTIONAL = ("house_number", "region", "country")
_KNOWN = (*_NEEDED, *_OPTIONAL)


def read_column_addresses(
    rows: pl.DataFrame, book: RegionBook
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Read the rows whose columns are plain.

    Args:
        rows: `_at`, `_region`, and any of the input columns of addresses.
        book: Rules of all regions.

    Yields:
        Row numbers and their outcomes; other rows are left out.
    """
    if not set(_NEEDED) <= set(rows.columns):
        return
    missing = [pl.lit(None, dtype=pl.String).alias(n) for n in _OPTIONAL if n not in rows.columns]
    plain = rows.filter(_is_plain(rows.columns)).with_columns(missing)
    for group in plain.partition_by("_region"):
        region = group["_region"][0]
        rules = book.get(region)
        raw = pl.concat_str(
            [c for c in rows.columns if c in _KNOWN], separator=", ", ignore_nulls=True
        )
        left = group.select("_at", "_region", *_KNOWN, raw=raw)
        left = left.with_columns(_province=_coded(left["region"], rules))
        for line in _lines(rules):
            done: list[pl.Series] = []
            lines = left.select("_at", "_region", text=line)
            for at, outcome in read_plain_addresses(lines, book):
                given = pl.DataFrame({"_at": at}).join(left, on="_at", maintain_order="left")
                kept = _kept(given, outcome, rules, book)
                done.append(at.filter(kept))
                yield done[-1], _told(outcome.filter(kept), given["raw"].filter(kept))
            if done:
                left = left.filter(~pl.col("_at").is_in(pl.concat(done).implode()))


def _is_plain(columns: list[str]) -> pl.Expr:
    """Tell which rows have the needed columns, and no other filled than those known here."""
    others = [c for c in columns if c not in {*_KNOWN, "_at", "_region", "_known"}]
    filled = [pl.col(name).is_not_null() for name in (*_NEEDED, "_region")]
    empty = [pl.col(name).is_null() for name in others]
    single = [
        ~pl.col(n).str.contains(r"[;\n\r()]" if n == "street" else r"[,;\n\r/()]")
        for n in _KNOWN if n in columns
    ]  # fmt: skip
    names = ~pl.col("locality").str.contains(r"\d")
    return pl.all_horizontal([*filled, *empty, *(s.fill_null(value=True) for s in single), names])


def _lines(rules: RegionRules) -> Iterator[pl.Expr]:
    """Write the columns as people of the region write an address in one line, the usual way first."""
    address = rules.address
    number, name = pl.col("house_number"), pl.col("street")
    order = (number, name) if address.number_first else (name, number)
    street = pl.concat_str(*order, separator=" ", ignore_nulls=True)
    town, code, province = pl.col("locality"), pl.col("postal_code"), pl.col("_province")
    before, behind = pl.concat_str(code, pl.lit(" "), town), pl.concat_str(town, pl.lit(" "), code)
    end = pl.concat_str(province, code, separator=" ", ignore_nulls=True)
    places = (
        [[before, province], [pl.concat_str(before, province, separator=" ", ignore_nulls=True)]]
        if address.postcode_first
        else [
            [town, end],
            [pl.concat_str(town, end, separator=" ")],
            [behind, province],
            [pl.concat_str(town, province, separator=" - "), code],
            [pl.concat_str(before, province, separator=" - ")],
        ]
    )
    for place in places:
        yield pl.concat_str(street, *place, pl.col("country"), separator=", ", ignore_nulls=True)


def _coded(column: pl.Series, rules: RegionRules) -> pl.Series:
    """Write the codes of provinces for their names, where lines of the region want codes."""
    if rules.address.province_style != "code":
        return column
    provinces = grammar_of(rules).provinces
    distinct = column.drop_nulls().unique().to_list()
    codes = {text: code for text in distinct if (code := provinces.get(fold(text)))}
    return column.replace(codes) if codes else column


def _kept(
    given: pl.DataFrame, outcome: pl.DataFrame, rules: RegionRules, book: RegionBook
) -> pl.Series:
    """Tell which rows came out with every column in its part."""

    def signs(column: str) -> pl.Expr:
        return pl.col(column).str.replace_all(r"[^0-9A-Za-z]", "").str.to_uppercase()

    both = given.rename({name: f"{name}_in" for name in _KNOWN}).hstack(
        [outcome[name] for name in _KNOWN]
    )
    alike = (signs("postal_code_in") == signs("postal_code")).fill_null(value=False)
    number = pl.col("house_number_in").is_null() | (
        signs("house_number_in") == signs("house_number")
    )
    country = pl.col("country_in").is_null() == pl.col("country").is_null()
    kept = both.select(alike & number.fill_null(value=False) & country).to_series()
    for part in ("locality", "region"):
        kept &= _agrees(both, part, rules, book)
    return kept


def _agrees(both: pl.DataFrame, part: str, rules: RegionRules, book: RegionBook) -> pl.Series:
    """Tell where a column alone is read as the part that the line gave; once for distinct pairs."""
    before, after = pl.col(f"{part}_in"), pl.col(part)
    pairs = both.select(before, after).unique()
    written = pairs[f"{part}_in"]
    spelled = spell_towns(written, rules) if part == "locality" else written
    agreed = [
        expected == found
        or (given is not None and found is not None and _alone(given, part, rules, book) == found)
        for (given, found), expected in zip(pairs.iter_rows(), spelled, strict=True)
    ]
    known = pairs.with_columns(pl.Series("agreed", agreed, dtype=pl.Boolean))
    keys = [f"{part}_in", part]
    rows = both.select(keys).join(
        known, on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    return rows["agreed"]


def _alone(text: str, part: str, rules: RegionRules, book: RegionBook) -> str | None:
    return read_address({part: text}, rules.code, book.get).parts.get(part)


def _told(outcome: pl.DataFrame, raw: pl.Series) -> pl.DataFrame:
    """Say that columns became a line, unless it reads as they do one after the other."""
    line = outcome["value"] == raw
    told = outcome["status"] != "unchanged"
    rule = pl.lit(["STD301"], dtype=pl.List(pl.String))
    return outcome.with_columns(
        status=pl.when(line).then(pl.lit("unchanged"))
        .when(told).then("status").otherwise(pl.lit("normalised")),
        codes=pl.when(line & told).then(pl.col("codes").list.slice(1))
        .when(~line & ~told).then(pl.concat_list(rule, "codes")).otherwise("codes"),
    )  # fmt: skip
