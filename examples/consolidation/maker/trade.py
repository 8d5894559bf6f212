"""What the in-house database holds beside people: employees, products, invoices, notes, files."""

import struct
import zlib
from datetime import date, timedelta
from random import Random

from maker.erp import GONE, Rows, stamp
from maker.invent import ascii_fold
from maker.words import Text, Words

__all__ = ["PRODUCTS", "attachments", "employees", "invoices", "lookups", "notes", "products"]

PRODUCTS = (
    ("Birou reglabil", "Mobilier", "buc"), ("Scaun ergonomic", "Mobilier", "buc"),
    ("Dulap arhivă", "Mobilier", "buc"), ("Masă de conferință", "Mobilier", "buc"),
    ("Lampă LED birou", "Iluminat", "buc"), ("Panou LED 60×60", "Iluminat", "buc"),
    ("Hârtie A4 80 g", "Papetărie", "cutie"), ("Toner negru XL", "Papetărie", "buc"),
    ("Dosar suspendat", "Papetărie", "set"), ("Pix gel albastru", "Papetărie", "cutie"),
    ("Monitor 27 inch", "IT", "buc"), ("Tastatură fără fir", "IT", "buc"),
    ("Cameră web HD", "IT", "buc"), ("Stație de andocare", "IT", "buc"),
    ("Cablu HDMI 2 m", "IT", "buc"), ("Espressor birou", "Bucătărie", "buc"),
    ("Cafea boabe 1 kg", "Bucătărie", "pungă"), ("Dozator apă", "Bucătărie", "buc"),
    ("Montaj mobilier", "Servicii", "oră"), ("Transport local", "Servicii", "cursă"),
)  # fmt: skip

_COLOURS = ("alb", "negru", "stejar")
_TITLES = (
    "Director general",
    "Director vânzări",
    "Director operațiuni",
    "Șef echipă",
    "Agent vânzări",
)
_CURRENCY = {"RO": "RON", "US": "USD", "GB": "GBP", "NO": "NOK"}


def employees(words: dict[str, Words], rng: Random) -> list[tuple[object, ...]]:
    """One head, two directors, six team leaders and their people."""
    rows: list[tuple[object, ...]] = []
    seen: set[str] = set()
    while len(rows) < 36:
        number = len(rows) + 1
        code = (
            "RO" if number < 4 or rng.random() < 0.6 else rng.choice(["NO", "DE", "GB", "FR", "US"])
        )
        given = words[code].text(rng.choice(["male", "female"]), rng).native
        family = words[code].text("family", rng).native
        short = ascii_fold(f"{given[:1]}{family[:3]}").upper().replace("'", "").replace(" ", "")
        if short in seen:
            continue
        seen.add(short)
        level = 0 if number == 1 else 1 if number < 4 else 3 if number < 10 else 4
        boss = {0: None, 1: 1, 3: 2 + number % 2, 4: 4 + number % 6}[level]
        local = ascii_fold(f"{given}.{family}").lower().replace(" ", "").replace("'", "")
        rows.append(
            (
                number,
                short,
                given,
                family.upper() if rng.random() < 0.1 else family,
                _TITLES[level] if number != 3 else _TITLES[2],
                "Management" if number < 4 else rng.choice(["Vânzări", "Suport", "Export"]),
                f"{local}@meridian-birou.example",
                f"021 310 20 {number:02}"
                if rng.random() < 0.7
                else f"+40 21 310 20 {number:02} int. {number + 100}",
                boss,
                date(2008 + number % 14, 1 + number % 12, 1 + number % 27).isoformat(),
                0 if number in {12, 27} else 1,
                "România" if code == "RO" else words[code].lists["countries"][0],
                f"{rng.getrandbits(64):016x}",
            )
        )
    return rows


def products(rng: Random) -> list[tuple[object, ...]]:
    """Every product in up to three colours."""
    rows: list[tuple[object, ...]] = []
    for name, category, unit in PRODUCTS:
        for colour in _COLOURS if category == "Mobilier" else ("",):
            number = len(rows) + 1
            price = round(rng.uniform(9, 1900), 2)
            active = rng.choice(["D", "D", "D", "da", "N"])
            sku = f"MB-{number:03}{colour[:1].upper()}"
            rows.append(
                (
                    number,
                    sku,
                    f"{name} {colour}".strip(),
                    category,
                    unit,
                    price,
                    "RON",
                    active,
                    rng.randrange(400),
                )
            )
    return rows


def invoices(
    tables: Rows, codes: dict[int, str], people: dict[int, list[int]], rng: Random, count: int = 900
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Write invoices with lines; three belong to an account that was deleted."""
    heads: list[tuple[object, ...]] = []
    lines: list[tuple[object, ...]] = []
    accounts = sorted(codes)
    for number in range(1, count + 1):
        account = GONE if number in {111, 412, 777} else rng.choice(accounts)
        day = date(2019, 1, 1) + timedelta(days=rng.randrange(1900))
        contacts = people.get(account, [])
        own = _lines(number, tables["products"], rng)
        heads.append(
            (
                number,
                f"MB{day.year}-{number:05}",
                account,
                rng.choice(contacts) if contacts and rng.random() < 0.7 else None,
                day.isoformat(),
                (day + timedelta(days=30)).isoformat() if rng.random() < 0.95 else "",
                rng.choice([10, 20, 30, 30, 30, 40, 90]),
                _CURRENCY.get(codes.get(account, "RO"), "EUR"),
                round(sum(float(str(line[-1])) for line in own), 2),
                rng.choice(["", "", "", "plată parțială", "urgent"]),
            )
        )
        lines += own
    return heads, lines


def _lines(
    invoice: int, products: list[tuple[object, ...]], rng: Random
) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for position in range(1, rng.choice([1, 2, 2, 3, 4]) + 1):
        product = rng.choice(products)
        quantity, discount = rng.randrange(1, 25), rng.choice([0, 0, 0, 5, 10])
        price = float(str(product[5]))
        amount = round(quantity * price * (100 - discount) / 100, 2)
        missing = invoice == 500 and position == 1
        rows.append(
            (
                invoice,
                position,
                GONE if missing else product[0],
                product[2],
                quantity,
                price,
                discount,
                amount,
            )
        )
    return rows


_SUBJECTS = (
    ("Apel telefonic", "A cerut ofertă pentru 12 birouri; revenim luni."),
    ("Telefonsamtale", "Ønsker nytt tilbud på møtebord, helst før påske."),
    ("Reklamation", "Lampe flackert. Ersatz zugesagt – Rückmeldung nächste Woche."),
    ("Visit", "Met at their new office; prefers e-mail & short calls 🙂"),
    ("Réunion", "Le client souhaite être livré avant l'été."),
    ("โทรศัพท์", "ลูกค้าขอใบเสนอราคาเก้าอี้ 20 ตัว"),
    ("Reunião", "Pediu desconto de 5 % no frete."),
    ("電話", "来月、新しい見積もりを希望。"),
    ("", "de sunat din nou"),
)


def notes(accounts: int, contacts: int, rng: Random, count: int = 420) -> list[tuple[object, ...]]:
    """Write notes about contacts (C) and accounts (A); two are about someone deleted."""
    rows: list[tuple[object, ...]] = []
    for number in range(1, count + 1):
        kind = rng.choice("CCA")
        about = (
            rng.randrange(101, 101 + accounts)
            if kind == "A"
            else rng.randrange(1001, 1001 + contacts)
        )
        if number in {99, 300}:
            about = GONE
        subject, body = rng.choice(_SUBJECTS)
        rows.append((number, kind, about, rng.randrange(1, 37), stamp(rng, 2015), subject, body))
    return rows


def attachments(accounts: int, contacts: int, rng: Random) -> list[tuple[object, ...]]:
    """Write a few files of several kinds."""
    rows: list[tuple[object, ...]] = []
    for number in range(1, 13):
        kind = "N" if number == 12 else rng.choice("CA")
        about = {"A": 101 + rng.randrange(accounts), "C": 1001 + rng.randrange(contacts), "N": 7}[
            kind
        ]
        name, mime, content = _file(number, rng)
        rows.append(
            (number, kind, about, name, mime, content, rng.randrange(1, 37), stamp(rng, 2018))
        )
    return rows


def _file(number: int, rng: Random) -> tuple[str, str, bytes]:
    if number % 3 == 0:
        return (
            f"contract {number}.txt",
            "text/plain",
            f"Contract nr. {number}/2021 – anexă\n".encode(),
        )
    if number % 3 == 1:
        return f"siglă_{number}.png", "image/png", _png([rng.randrange(256) for _ in range(3)])
    shape = f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="{number % 9 + 1}" height="9"/></svg>'
    return f"plan-{number}.svg", "image/svg+xml", shape.encode()


def _png(colour: list[int]) -> bytes:
    """Make a picture of 8 × 8 pixels in one colour, stored without compression."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0)
    body = zlib.compress((b"\0" + bytes(colour) * 8) * 8, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def lookups(rng: Random) -> Rows:
    """Write the tables that are not customer data."""
    codes = [
        ("account", "A", "activ"), ("account", "I", "inactiv"), ("contact", "A", "activ"),
        ("contact", "P", "potențial"), ("contact", "X", "șters"), ("invoice", "10", "ciornă"),
        ("invoice", "20", "trimisă"), ("invoice", "30", "plătită"), ("invoice", "40", "parțial"),
        ("invoice", "90", "anulată"),
    ]  # fmt: skip
    log = [(n, stamp(rng, 2022), Text("batch", "").native, "nightly export") for n in range(1, 61)]
    return {"status_codes": list(codes), "audit_log": list(log)}
