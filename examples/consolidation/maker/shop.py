"""The web shop's exports: three CSV files with semicolons, windows-1250 and decimal commas."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from maker.facts import Company
from maker.invent import ascii_fold
from maker.mess import Scribe
from maker.sight import Sighting
from maker.spellings import cedilla

__all__ = ["company_rows", "customer_rows", "decimal", "legible", "order_rows", "write_csv"]

CUSTOMERS = (
    "customer_no", "company", "vat_no", "first_name", "last_name", "email", "phone", "street", "city", "zip",
    "region", "country", "birthday", "registered", "newsletter", "language", "turnover", "state",
)  # fmt: skip
ORDERS = (
    "order_no", "customer_no", "company", "order_date", "status", "currency", "shipping", "total", "ship_street",
    "ship_city", "ship_zip", "ship_country",
)  # fmt: skip
LINES = ("order_no", "position", "sku", "description", "quantity", "unit_price", "discount")

_LANGUAGE = {
    "RO": "ro", "NO": "no", "TH": "en", "US": "en", "GB": "en", "DE": "de", "FR": "fr", "BR": "pt",
    "IN": "en", "JP": "en",
}  # fmt: skip


def legible(text: str) -> str:
    """Make a text one that windows-1250 can hold: cedillas, and plain letters for the rest."""
    kept = []
    for char in cedilla(text):
        try:
            char.encode("cp1250")
            kept.append(char)
        except UnicodeEncodeError:
            plain = ascii_fold(char)
            kept.append(plain if plain.isascii() else "?")
    return "".join(kept)


def decimal(value: float) -> str:
    """Write an amount as Romanians do: 1.234,50."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def customer_rows(seen: Sequence[Sighting], scribe: Scribe) -> list[tuple[str, ...]]:
    """Write customers; their numbers have nothing to do with the in-house ids."""
    return [
        _customer(f"W{number}", sighting, scribe) for number, sighting in enumerate(seen, 20001)
    ]


def _customer(number: str, seen: Sighting, scribe: Scribe) -> tuple[str, ...]:
    rng, company = scribe.rng, seen.company
    cells = scribe.address(seen.address, seen.person.code, "latin")
    first, last = scribe.names(seen)
    return (
        number,
        scribe.organization(company, "latin") if company else "",
        company.tax_id if company and (company.code in {"TH", "JP"} or rng.random() < 0.8) else "",
        first,
        last,
        scribe.email(seen),
        scribe.nothing(
            scribe.one_phone(seen, abroad=not cells.country and seen.person.code != "RO")
        ),
        cells.street,
        cells.city,
        cells.postcode,
        cells.region,
        _country(cells.country, seen.person.code),
        f"{seen.birth:%d.%m.%Y}" if seen.birth else "",
        _stamp(rng),
        rng.choice(["1", "0"]),
        _LANGUAGE[seen.person.code],
        decimal(rng.uniform(0, 9000)),
        rng.choice(["aktiv", "aktiv", "aktiv", "gesperrt", ""]),
    )


def _country(written: str, code: str) -> str:
    """Write the code of a country whose name the code page cannot hold."""
    return code if "?" in legible(written) else written


def company_rows(companies: Sequence[Company], scribe: Scribe) -> list[tuple[str, ...]]:
    """Write customers that are a company without a person."""
    rows = []
    for number, company in enumerate(companies, 29001):
        cells = scribe.address(company.address, company.code, "latin")
        rows.append(
            (
                f"W{number}", scribe.organization(company, "latin"), company.tax_id, "", "",
                f"orders@{company.domain}", "", cells.street, cells.city, cells.postcode, cells.region,
                _country(cells.country, company.code), "", _stamp(scribe.rng), "0", _LANGUAGE[company.code], decimal(0), "aktiv",
            )
        )  # fmt: skip
    return rows


def _stamp(rng: Random) -> str:
    day = date(2016, 1, 1) + timedelta(days=rng.randrange(3100))
    return f"{day:%d.%m.%Y} {rng.randrange(24):02}:{rng.randrange(60):02}"


def order_rows(
    customers: Sequence[tuple[str, ...]],
    products: Sequence[tuple[object, ...]],
    rng: Random,
    count: int = 950,
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Write orders with lines."""
    orders: list[tuple[str, ...]] = []
    lines: list[tuple[str, ...]] = []
    for number in range(50001, 50001 + count):
        customer = rng.choice(customers)
        total = 0.0
        for position in range(1, rng.choice([1, 1, 2, 3]) + 1):
            product, quantity = rng.choice(products), rng.randrange(1, 6)
            price = round(float(str(product[5])) * 1.19, 2)
            discount = rng.choice([0.0, 0.0, 0.0, 0.1])
            total += quantity * price * (1 - discount)
            sku = str(product[1]) if number != 50100 else "MB-OLD"
            lines.append(
                (
                    str(number), str(position), sku, legible(str(product[2])), str(quantity), decimal(price),
                    decimal(discount),
                )
            )  # fmt: skip
        orders.append(
            (
                str(number),
                "W10000" if number in {50077, 50512} else customer[0],
                customer[1],
                _stamp(rng),
                rng.choice(["paid", "paid", "shipped", "shipped", "open", "cancelled", "returned"]),
                rng.choice(["RON", "RON", "EUR"]),
                decimal(rng.choice([0, 15, 25.5])),
                decimal(total),
                *(customer[index] for index in (7, 8, 9, 11)),
            )
        )
    return orders, lines


def write_csv(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], extra: dict[int, str]
) -> None:
    """Write a file as the shop's export does; `extra` are raw lines put before a row number."""
    written = [";".join(header)]
    for number, row in enumerate(rows):
        if number in extra:
            written.append(extra[number])
        written.append(";".join(_quoted(legible(cell)) for cell in row))
    path.write_bytes("\r\n".join([*written, ""]).encode("cp1250"))


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in ';"\n') else cell
