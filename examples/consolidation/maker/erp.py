"""The in-house database: SQLite without foreign keys, grown since 2008."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

from maker.facts import Company
from maker.mess import Scribe
from maker.sight import Sighting
from maker.spellings import NOTHING, phone

__all__ = [
    "SCHEMA",
    "Rows",
    "account_rows",
    "contact_rows",
    "rubbish_rows",
    "stamp",
    "write_database",
]

Rows = dict[str, list[tuple[object, ...]]]

SCHEMA = {
    "employees": "id INTEGER PRIMARY KEY, code TEXT, first_name TEXT, last_name TEXT, job_title TEXT, department TEXT, "
    "email TEXT, phone TEXT, manager_id INTEGER, hired_on TEXT, active INTEGER, country TEXT, password_hash TEXT",
    "accounts": "id INTEGER PRIMARY KEY, name TEXT, type_code TEXT, status TEXT, parent_id INTEGER, owner_id INTEGER, "
    "tax_id TEXT, phone TEXT, fax TEXT, email TEXT, website TEXT, street TEXT, city TEXT, county TEXT, postcode TEXT, "
    "country TEXT, industry TEXT, headcount TEXT, created TEXT, updated_at TEXT, old_code TEXT",
    "contacts": "id INTEGER PRIMARY KEY, account_id INTEGER, owner_id INTEGER, salutation TEXT, first_name TEXT, "
    "last_name TEXT, job_title TEXT, phone TEXT, mobile TEXT, email TEXT, street TEXT, city TEXT, county TEXT, "
    "postcode TEXT, country TEXT, birth_date TEXT, status TEXT, newsletter TEXT, remarks TEXT, created TEXT, "
    "updated_at TEXT, print_flag TEXT",
    "products": "id INTEGER PRIMARY KEY, sku TEXT, name TEXT, category TEXT, unit TEXT, unit_price REAL, currency TEXT, "
    "active TEXT, stock INTEGER",
    "invoices": "id INTEGER PRIMARY KEY, number TEXT, account_id INTEGER, contact_id INTEGER, invoice_date TEXT, "
    "due_date TEXT, status INTEGER, currency TEXT, total REAL, remarks TEXT",
    "invoice_lines": "invoice_id INTEGER, line_no INTEGER, product_id INTEGER, description TEXT, quantity REAL, "
    "unit_price REAL, discount_percent REAL, amount REAL, PRIMARY KEY (invoice_id, line_no)",
    "notes": "id INTEGER PRIMARY KEY, about_type TEXT, about_id INTEGER, author_id INTEGER, written_on TEXT, "
    "subject TEXT, body TEXT",
    "attachments": "id INTEGER PRIMARY KEY, about_type TEXT, about_id INTEGER, file_name TEXT, mime_type TEXT, "
    "content BLOB, added_by INTEGER, added_on TEXT",
    "status_codes": "kind TEXT, code TEXT, meaning TEXT, PRIMARY KEY (kind, code)",
    "audit_log": "id INTEGER PRIMARY KEY, at TEXT, who TEXT, what TEXT",
}

GONE = 9901
"""Id of an account, a contact, a product and an employee that were deleted long ago."""


def stamp(rng: Random, first: int = 2008, last: int = 2024) -> str:
    """Invent a time stamp."""
    day = date(first, 1, 1) + timedelta(days=rng.randrange((last - first) * 365))
    return (
        f"{day.isoformat()} {rng.randrange(7, 19):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"
    )


def account_rows(
    seen: Sequence[tuple[Company, bool]], scribe: Scribe, owners: Sequence[int]
) -> list[tuple[object, ...]]:
    """Write accounts; the flag says that facts beside the name may be missing or changed."""
    rng = scribe.rng
    rows: list[tuple[object, ...]] = []
    ids: dict[str, int] = {}
    for number, (company, _) in enumerate(seen, start=101):
        ids.setdefault(company.id, number)
    for number, (company, sparse) in enumerate(seen, start=101):
        lost = rng.choice(["tax", "web", "phone"]) if sparse else ""
        script = "native" if not sparse or rng.random() < 0.5 else "latin"
        cells = scribe.address(company.address, company.code, script)
        web = rng.choice(["www.{}", "http://www.{}", "https://{}/", "{}"]).format(company.domain)
        parent = ids.get(company.parent.id) if company.parent else None
        rows.append(
            (
                number,
                scribe.organization(company, script),
                rng.choice(["C", "C", "C", "P", "F", "CF", "c"]),
                rng.choice(["A", "A", "A", "A", "I", "1", "0", ""]),
                parent,
                GONE if number == 150 else rng.choice(owners),
                "" if lost == "tax" else company.tax_id,
                "" if lost == "phone" else phone(company.phone, rng),
                rng.choice(["", "", "n/a"]),
                f"office@{company.domain}" if rng.random() < 0.5 else "",
                "" if lost == "web" else web,
                cells.street,
                cells.city,
                cells.region,
                cells.postcode,
                cells.country,
                rng.choice(
                    ["", "Retail", "Construction", "IT", "Manufacturing", "Transport", "Food"]
                ),
                rng.choice(["", "1-9", "25", "120", "cca 40", "n/a"]),
                stamp(rng, 2008, 2018) if rng.random() < 0.95 else "0000-00-00 00:00:00",
                stamp(rng, 2019),
                f"K{rng.randrange(10000, 99999)}",
            )
        )
    return rows


def contact_rows(
    seen: Sequence[Sighting], scribe: Scribe, owners: Sequence[int], accounts: dict[str, list[int]]
) -> list[tuple[object, ...]]:
    """Write contacts with ids from 1001 on."""
    rng = scribe.rng
    rows = []
    for number, sighting in enumerate(seen, start=1001):
        cells = scribe.address(sighting.address, sighting.person.code, sighting.script)
        phone_cell, mobile = scribe.phones(
            sighting, abroad=not cells.country and sighting.person.code != "RO"
        )
        first, last = scribe.names(sighting)
        company = sighting.company
        account = rng.choice(accounts[company.id]) if company else None
        if number in {1204, 1377, 1518}:
            account = GONE
        rows.append(
            (
                number,
                account,
                GONE if number == 1300 else rng.choice(owners),
                sighting.person.prefix.of(sighting.script),
                first,
                last,
                scribe.nothing(sighting.job.of(sighting.script)) if company else "",
                scribe.nothing(phone_cell, 0.04),
                scribe.nothing(mobile, 0.02),
                scribe.email(sighting),
                scribe.nothing(cells.street, 0.05),
                cells.city,
                cells.region,
                cells.postcode,
                cells.country,
                scribe.birth(sighting),
                rng.choice(["A", "A", "A", "A", "P", "I", "X", "a", "1", ""]),
                rng.choice(["D", "N", "da", "nu", "Y", "", "1", "0"]),
                rng.choice(["", "", "", "", "", rng.choice(NOTHING), "VIP", "Preferă e-mail"]),
                stamp(rng, 2008, 2019) if rng.random() < 0.96 else "0000-00-00 00:00:00",
                stamp(rng, 2019),
                rng.choice(["", "X"]),
            )
        )
    return rows


def rubbish_rows(start: int) -> list[tuple[object, ...]]:
    """Write the rows that are no contacts: tests of an administrator and empty ones."""
    width = SCHEMA["contacts"].count(",") + 1
    names = (("TEST", "TEST"), ("test", "Test 2"), (None, None), ("", ""))
    return [
        (start + n, None, None, None, first, last, *[None] * (width - 6))
        for n, (first, last) in enumerate(names)
    ]


def write_database(path: Path, tables: Rows) -> None:
    """Write all tables into a new SQLite file."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        for table, columns in SCHEMA.items():
            connection.execute(f"CREATE TABLE {table} ({columns})")
            _insert(connection, table, tables[table])
    connection.execute("VACUUM")
    connection.close()


def _insert(connection: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - own names
