"""Most names of organizations, without a scalar reading of each.

Each shape of names is read once by the scalar reading, with made-up words; what it made of them is
then done to all names of the shape. So both lanes agree. Names whose shape says that there is more
to tell (an address of mail, a name that somebody trades under) are left to the scalar reading.
"""

import polars as pl

from crmmigrate.model.regions import LegalForm
from crmmigrate.standardize.organization_casing import case_organizations
from crmmigrate.standardize.organization_shapes import shapes_of
from crmmigrate.standardize.organization_templates import Templates, read_shapes
from crmmigrate.values.casing import is_one_case
from crmmigrate.values.legal_forms import FormBook, form_book
from crmmigrate.values.organizations import CASED_CONFIDENCE, cased_parse

__all__ = ["PLAIN", "RULES", "read_plain_organizations"]

PLAIN = pl.Schema(
    {
        "_at": pl.UInt32(),
        **dict.fromkeys(("value", "base_name", "legal_form", "legal_form_code"), pl.String()),
        "status": pl.String(),
        "rule": pl.UInt32(),
        "confidence": pl.Float64(),
    }
)
"""What is told of a plain name: row, value, parts, place in RULES."""


def read_plain_organizations(
    group: pl.DataFrame, region: str | None, rules: tuple[LegalForm, ...]
) -> pl.DataFrame:
    """Read the plain names of one region.

    Args:
        group: Columns `_at` and `text`.
        region: The region of the names.
        rules: Legal forms that the region's own rules name.

    Returns:
        Rows of PLAIN, only of the names that were read.
    """
    book = form_book(region, rules)
    shaped = shapes_of(group, book)
    templates = read_shapes(shaped.shapes, book)
    rows = shaped.rows.join(templates.sliced, on="shape", maintain_order="left")
    rows = _cased(_sliced(rows), region)
    if templates.woven:
        rows = pl.concat([rows, _woven(shaped.rows, templates, book)])
    cell, text = pl.col("cell"), pl.col("text")
    value = pl.concat_str("lead", "shown", "tail")
    return _settled(rows.with_columns(value=value)).select(
        "_at",
        "value",
        "base_name",
        "legal_form",
        "legal_form_code",
        status=pl.when(pl.col("value") == text)
        .then(pl.lit("unchanged"))
        .otherwise(pl.lit("normalised")),
        rule=_rule(pl.col("value") != cell, cell != text),
        confidence=pl.when("cased").then(CASED_CONFIDENCE).otherwise(1.0),
    )


def _settled(rows: pl.DataFrame) -> pl.DataFrame:
    """Leave out names in capitals whose form alone was not: they are written anew as a whole."""
    value = pl.col("value")
    doubt = ~pl.col("cased") & pl.col("one_case") & (value != pl.col("cell"))
    few = rows.filter(doubt)
    upper, lower = value.str.to_uppercase(), value.str.to_lowercase()
    one = ((value == upper) | (value == lower)) & (upper != lower)
    loud = few.filter(one)["_at"]
    return rows.filter(~pl.col("_at").is_in(loud.implode())) if loud.len() else rows


def _sliced(rows: pl.DataFrame) -> pl.DataFrame:
    """Cut the name out of each cell where its shape has it."""
    cut = pl.col("start") + pl.col("rest") > 0
    long = pl.col("cell").str.len_chars().cast(pl.Int64)
    base = pl.col("cell").str.slice(pl.col("start"), long - pl.col("start") - pl.col("rest"))
    rows = rows.with_columns(base_name=pl.when(cut).then(base).otherwise("cell"))
    return rows.with_columns(shown="base_name").select(
        *(*_COLUMNS, "lower", "upper"),
        risky=pl.col("risky") & (pl.col("start") == 0) & ~pl.col("recast"),
    )


_COLUMNS = (
    *("_at", "text", "cell", "base_name", "shown", "lead", "tail", "legal_form"),
    *("legal_form_code", "one_case"),
)


def _woven(rows: pl.DataFrame, templates: Templates, book: FormBook) -> pl.DataFrame:
    """Read names with a form in the middle."""
    rows = rows.filter(pl.col("shape").is_in(list(templates.woven)))
    done = []
    for at, text, cell, shape in rows.select("_at", "text", "cell", "shape").iter_rows():
        parse = templates.woven[shape].apply(cell)
        if parse is not None:
            told = cased_parse(parse, book) if is_one_case(cell) else parse
            forms = (told.legal_form or None, told.code or None)
            sides = (told.base, told.shown, told.lead, told.tail)
            form = told.lead + told.tail
            one_case = form in {form.upper(), form.lower()}
            done.append((at, text, cell, *sides, *forms, one_case, told.base != parse.base))
    strings: dict[str, pl.DataType] = dict.fromkeys(_COLUMNS, pl.String())
    strings |= {"_at": rows.schema["_at"], "one_case": pl.Boolean(), "cased": pl.Boolean()}
    return pl.DataFrame(done, schema=strings, orient="row")


RULES = ((), ("STD251",), ("STD252",), ("STD254",), ("STD251", "STD254"))
"""What may be told of a plain name."""


def _rule(formed: pl.Expr, tidied: pl.Expr) -> pl.Expr:
    """Return the place in RULES."""
    cased = pl.when(pl.col("legal_form").is_null()).then(3).otherwise(4)
    return (
        pl.when("cased")
        .then(cased)
        .when(formed)
        .then(1)
        .when(tidied)
        .then(2)
        .otherwise(0)
        .cast(pl.UInt32)
    )


def _cased(rows: pl.DataFrame, region: str | None) -> pl.DataFrame:
    """Write the names in one case as names are written; cells of a single letter are left out."""
    one = rows.select(pl.col("lower") != pl.col("upper")).to_series()
    rows = rows.drop("lower", "upper").with_columns(cased=pl.lit(value=False))
    if not one.any():
        return rows.drop("risky")
    loud = rows.filter(one).filter(pl.col("cell").str.contains(r"\pL.*\pL"))
    loud = loud.with_columns(
        was="base_name", base_name=case_organizations(loud["base_name"], region)
    )
    loud = loud.with_columns(cased=pl.col("base_name") != pl.col("was"), shown="base_name")
    first = pl.col("base_name").str.extract(r"^(\S+)") == pl.col("was").str.extract(r"^(\S+)")
    loud = loud.filter(first | ~pl.col("risky")).drop("was")
    return pl.concat([rows.filter(~one), loud]).drop("risky")
