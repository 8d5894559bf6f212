"""Numbers as they are written: the digits put into the places of a template."""

import re

import polars as pl

__all__ = ["template_table", "write_numbers"]

_GROUP = re.compile(r"([a-q]+)")


def template_table(templates: pl.Series) -> pl.DataFrame:
    """Return one row a template, with the place of each group of digits and what stands around.

    Args:
        templates: Distinct templates: the letters `a` to `q` stand for the digits.

    Returns:
        `groups` (how many), `text0`, and for each group `at1`, `size1`, `text1` …
    """
    rows = []
    for template in templates:
        pieces = _GROUP.split(template)
        row: dict[str, object] = {"text0": pieces[0], "groups": len(pieces) // 2}
        for number, (letters, behind) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True), 1):
            at = ord(letters[0]) - ord("a")
            row |= {f"at{number}": at, f"size{number}": len(letters), f"text{number}": behind}
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None)


def write_numbers(
    before: pl.Series, nsn: pl.Series, template: pl.Series, table: pl.DataFrame
) -> pl.Series:
    """Return each number in its template.

    Args:
        before: What to write before the number; null makes the result null.
        nsn: National significant numbers.
        template: Their rows in the table.
        table: From `template_table`.
    """
    frame = pl.DataFrame({"before": before, "nsn": nsn, "template": template})
    frame = frame.with_row_index("_at")
    groups = table["groups"].gather(template)
    written = [frame.clear().select("_at", text="nsn")]
    for count in groups.unique():
        part = frame.filter(groups == count)
        same = table.filter(pl.col("groups") == count)
        pieces = [pl.col("before"), *_texts(part, same, table, 0)]
        for number in range(1, count + 1):
            at, size = (_of(part, table, f"{name}{number}") for name in ("at", "size"))
            pieces += [pl.col("nsn").str.slice(at, size), *_texts(part, same, table, number)]
        written.append(part.select("_at", text=pl.concat_str(pieces)))
    return pl.concat(written).sort("_at")["text"]


def _texts(
    part: pl.DataFrame, same: pl.DataFrame, table: pl.DataFrame, number: int
) -> list[pl.Expr]:
    """Return the text behind a group of digits, unless no template has one there."""
    name = f"text{number}"
    return [_of(part, table, name)] if (same[name] != "").any() else []


def _of(part: pl.DataFrame, table: pl.DataFrame, name: str) -> pl.Expr:
    return pl.lit(table[name].gather(part["template"]))
