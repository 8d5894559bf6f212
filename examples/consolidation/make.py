"""Make the data of this example: three messy sources and the truth about their duplicates.

Everything is invented and drawn with one seed, so that the files come out the same again:

    python make.py [--out DIR] [--seed 20240312]

Needs the standard library and xlsxwriter.
"""

import argparse
import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

from maker import erp, fair, shop, trade
from maker.facts import Company, Person
from maker.invent import Inventor
from maker.mess import Scribe
from maker.sight import Sighting, see
from maker.words import load_words
from maker.world import World, build_world

HERE = Path(__file__).resolve().parent
SEED = 20240312

Truth = list[tuple[str, str, str, str]]


class Seen:
    """Everything the three sources know, in the order of their rows."""

    def __init__(self, world: World, invent: Inventor) -> None:
        """Draw who is seen where, and how often."""
        rng = invent.rng
        self.invent = invent
        self.first: dict[str, Sighting] = {}
        known = [*world.staff, *world.private]
        again = set(_ids(rng.sample(known, 345)))
        to_shop = [*rng.sample(world.private, 185), *rng.sample(world.staff, 110)]
        to_fair = [*rng.sample(world.staff, 120), *rng.sample(world.shoppers[280:], 15)]
        shop_twice, fair_twice = rng.sample(world.shoppers, 35), rng.sample(world.visitors, 12)
        repeated = again | set(_ids([*to_shop, *to_fair, *shop_twice, *fair_twice]))
        self.erp = [self._see(p, "erp", repeated) for p in known]
        self.erp += [self._see(p, "erp", repeated) for p in known if p.id in again]
        self.shop = [
            self._see(p, "shop", repeated) for p in [*world.shoppers, *to_shop, *shop_twice]
        ]
        self.fair = [
            self._see(p, "fair", repeated) for p in [*world.visitors, *to_fair, *fair_twice]
        ]
        named: dict[str, int] = {}
        for seen in [*self.shop, *self.fair]:
            if seen.company:
                named[seen.company.id] = named.get(seen.company.id, 0) + 1
        for seen in self.fair:
            if seen.company and named[seen.company.id] > 1:
                seen.complete, seen.address = True, seen.company.address
        for rows in (self.erp, self.shop, self.fair):
            rng.shuffle(rows)

    def _see(self, person: Person, source: str, repeated: set[str]) -> Sighting:
        first = self.first.get(person.id)
        seen = see(person, source, self.invent, first, known=person.id in repeated)
        self.first.setdefault(person.id, seen)
        return seen


def _ids(people: Iterable[Person]) -> list[str]:
    return [person.id for person in people]


def make(out: Path, seed: int) -> None:
    """Write `data/` and `truth/` below a folder."""
    rng = Random(seed)
    words = load_words(HERE / "words")
    invent = Inventor(words, rng)
    world = build_world(invent)
    seen = Seen(world, invent)
    for folder in (out / "data" / "shop", out / "truth"):
        folder.mkdir(parents=True, exist_ok=True)
    scribe = Scribe(words, rng)
    companies = _accounts(world, rng)
    tables, accounts = _database(seen, companies, scribe)
    erp.write_database(out / "data" / "erp.db", tables)
    web = Scribe(words, rng, codec="cp1250")
    only_companies = rng.sample(companies[:300], 6) + rng.sample(world.shop_companies, 6)
    _shop(out / "data" / "shop", seen, only_companies, web, tables["products"])
    codes = [str(row[1]) for row in tables["employees"][9:]]
    fair.write_workbook(out / "data" / "leads.xlsx", fair.lead_rows(seen.fair, scribe, codes))
    _truth(out / "truth" / "contacts.csv", _people(seen))
    _truth(out / "truth" / "accounts.csv", [*accounts, *_firms(seen, only_companies)])


def _accounts(world: World, rng: Random) -> list[Company]:
    """Companies of the in-house database in row order, some of them twice."""
    plain = [c for c in world.companies if not c.guarded]
    rows = [*world.companies, *rng.sample(plain, 32)]
    rng.shuffle(rows)
    return rows


def _database(seen: Seen, companies: Sequence[Company], scribe: Scribe) -> tuple[erp.Rows, Truth]:
    rng = scribe.rng
    tables: erp.Rows = {
        "employees": trade.employees(scribe.words, rng),
        "products": trade.products(rng),
    }
    owners = list(range(4, 37))
    ids: dict[str, list[int]] = {}
    flagged = []
    for number, company in enumerate(companies, 101):
        flagged.append((company, company.id in ids))
        ids.setdefault(company.id, []).append(number)
    tables["accounts"] = erp.account_rows(flagged, scribe, owners)
    tables["contacts"] = erp.contact_rows(seen.erp, scribe, owners, ids)
    people: dict[int, list[int]] = {}
    for row in tables["contacts"]:
        if row[1] is not None:
            people.setdefault(int(str(row[1])), []).append(int(str(row[0])))
    codes = {number: company.code for number, company in enumerate(companies, 101)}
    tables["invoices"], tables["invoice_lines"] = trade.invoices(tables, codes, people, rng)
    tables["notes"] = trade.notes(len(companies), len(seen.erp), rng)
    tables["attachments"] = trade.attachments(len(companies), len(seen.erp), rng)
    tables.update(trade.lookups(rng))
    tables["contacts"] += erp.rubbish_rows(1001 + len(seen.erp))
    truth = [("erp", "accounts", str(n), c.id) for n, c in enumerate(companies, 101)]
    return tables, truth


def _shop(
    folder: Path,
    seen: Seen,
    companies: Sequence[Company],
    scribe: Scribe,
    products: Sequence[tuple[object, ...]],
) -> None:
    rows = [*shop.customer_rows(seen.shop, scribe), *shop.company_rows(companies, scribe)]
    orders, lines = shop.order_rows(rows, products, scribe.rng)
    twice = ";".join([*rows[40][:5], "n/a", *rows[40][6:]])
    extra = {
        57: "",
        120: shop.legible(twice),
        233: ";" * (len(shop.CUSTOMERS) - 1),
        311: "W29999;;;Aurel;Pop;aurel.pop@mailbox.example;0722 000 111;Str. Gării; nr. 4; bl. B2;Cluj-Napoca",
        402: ";" * (len(shop.CUSTOMERS) - 1),
    }
    shop.write_csv(folder / "customers.csv", shop.CUSTOMERS, rows, extra)
    shop.write_csv(folder / "orders.csv", shop.ORDERS, orders, {500: ""})
    shop.write_csv(folder / "order_lines.csv", shop.LINES, lines, {})


def _people(seen: Seen) -> Truth:
    return [
        *(("erp", "contacts", str(n), s.person.id) for n, s in enumerate(seen.erp, 1001)),
        *(("shop", "customers", f"W{n}", s.person.id) for n, s in enumerate(seen.shop, 20001)),
        *(("fair", "leads", str(n), s.person.id) for n, s in enumerate(seen.fair, 1)),
    ]


def _firms(seen: Seen, companies: Sequence[Company]) -> Truth:
    """Companies named in the shop and at the fair: every row that names one is a record of it."""
    shop_rows = [(n, s.company) for n, s in enumerate(seen.shop, 20001)]
    fair_rows = [(n, s.company) for n, s in enumerate(seen.fair, 1)]
    return [
        *(("shop", "customers", f"W{n}", c.id) for n, c in shop_rows if c),
        *(("shop", "customers", f"W{n}", c.id) for n, c in enumerate(companies, 29001)),
        *(("fair", "leads", str(n), c.id) for n, c in fair_rows if c),
    ]


def _truth(path: Path, rows: Truth) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("source", "dataset", "id", "entity_id"))
        writer.writerows(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder for data/ and truth/")
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    make(arguments.out, arguments.seed)
