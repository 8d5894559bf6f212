"""The leads of a trade fair: one Excel sheet as marketing made it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

from maker.mess import Scribe
from maker.sight import Sighting
from maker.spellings import respell

__all__ = ["HEADER", "lead_rows", "write_workbook"]

HEADER = (
    "No", "Day", "Name", "Company", "Position", "Phone", "E-mail", "Web", "Address", "Country", "Met on",
    "Met by", "Interest", "Remarks",
)  # fmt: skip
OPENING = date(2024, 3, 12)
_REMARKS = (
    "",
    "",
    "send catalogue",
    "call back after Easter",
    "wants demo",
    "n/a",
    "vorbește română",
    "urgent!!",
)

Cell = str | int | date | None


def lead_rows(seen: Sequence[Sighting], scribe: Scribe, codes: Sequence[str]) -> list[list[Cell]]:
    """Write leads, a third on each day of the fair; `codes` are those of our employees."""
    per_day = (len(seen) + 2) // 3
    return [_lead(n, s, scribe, codes, (n - 1) // per_day) for n, s in enumerate(seen, 1)]


def _lead(
    number: int, seen: Sighting, scribe: Scribe, codes: Sequence[str], day: int
) -> list[Cell]:
    rng, company, code = scribe.rng, seen.company, seen.person.code
    script = seen.script
    known = seen.address is not None and (seen.complete or rng.random() < 0.7)
    country = scribe.address(None, code, script).country
    address = ""
    if known and seen.address is not None:
        address = respell(seen.address.one_line(script), scribe.words[code], rng)
    web = company is not None and (seen.complete or not known or rng.random() < 0.85)
    met: Cell = OPENING + timedelta(days=day)
    if rng.random() < 0.06:
        met = f"{OPENING + timedelta(days=day):%d.%m.%Y}"
    return [
        number,
        f"Day {day + 1}",
        scribe.whole_name(seen),
        scribe.organization(company, script) if company else "",
        seen.job.of(script) if rng.random() < 0.8 else scribe.nothing("", 0.4),
        scribe.nothing(scribe.one_phone(seen, abroad=not country and code != "RO"), 0.1),
        scribe.email(seen),
        rng.choice(["www.{}", "{}", "http://{}"]).format(company.domain) if web and company else "",
        address,
        country,
        met,
        rng.choice([*codes, ""]),
        rng.choice(["A", "B", "C", "hot", "warm", "cold", "?"]),
        rng.choice(_REMARKS),
    ]


def write_workbook(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    """Write the sheet: a merged title, header in row 4, merged days, gaps, a hall heading, a total."""
    book = xlsxwriter.Workbook(path, {"default_date_format": "dd.mm.yyyy"})
    book.set_properties({"created": datetime(2024, 3, 15, 9, 0)})  # noqa: DTZ001 - Excel has no zones
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("Leads")
    sheet.merge_range(
        0, 0, 0, len(HEADER) - 1, "OFFICE & MORE 2024, Bucharest: leads of our stand", bold
    )
    sheet.write(1, 0, "exported 15.03.2024 by marketing")
    sheet.write_row(3, 0, HEADER, bold)
    at, halves = 4, {rows[len(rows) // 2][0]}
    days: dict[str, list[int]] = {}
    for row in rows:
        if row[0] in halves:
            sheet.merge_range(at, 0, at, 4, "Hall B", bold)
            at += 1
        if int(str(row[0])) % 60 == 0:
            at += 1
        days.setdefault(str(row[1]), []).append(at)
        _write(sheet, at, row)
        at += 1
    for day, lines in days.items():
        _merge(sheet, day, lines)
    sheet.write(at + 1, 0, "TOTAL", bold)
    sheet.write(at + 1, 2, f"{len(rows)} leads", bold)
    sheet.set_column(0, len(HEADER), 18)
    book.add_worksheet("Notes").write(0, 0, "Badges were scanned at the entrance.")
    book.close()


def _write(sheet: xlsxwriter.workbook.Worksheet, at: int, row: Sequence[Cell]) -> None:
    for column, cell in enumerate(row):
        if column == 1 or cell in {"", None}:
            continue
        if isinstance(cell, date):
            sheet.write_datetime(at, column, datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001
        elif isinstance(cell, int):
            sheet.write_number(at, column, cell)
        else:
            sheet.write_string(at, column, str(cell))


def _merge(sheet: xlsxwriter.workbook.Worksheet, day: str, lines: list[int]) -> None:
    """Merge the day's cells of each unbroken run of rows."""
    start = previous = lines[0]
    for line in [*lines[1:], -1]:
        if line == previous + 1:
            previous = line
            continue
        if previous > start:
            sheet.merge_range(start, 1, previous, 1, day)
        else:
            sheet.write(start, 1, day)
        start = previous = line
