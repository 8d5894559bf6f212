"""Time the whole stage standardize on N contacts of many regions, change log included.

Prints the CPU seconds (workers included) and the peak memory of `crmmigrate standardize`, and the
ratio of its CPU time to a plain read and write of the same rows by polars, in the same run::

    python benchmarks/stage.py --contacts 1000000

Eight fields: name, e-mail, two phones, address in columns with its country, birth date, and the
company. About 30 % of the values of each field repeat an earlier one, and a share of each is
written as people write it: other separators, capitals, blanks, notes, mojibake, two values in a
cell, placeholders. The seed decides everything; the pools of names and streets come from Faker.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import phonenumbers
import polars as pl
from anyascii import anyascii
from babel import Locale
from faker import Faker

LOCALES = {
    "RO": "ro_RO", "NO": "no_NO", "TH": "th_TH", "US": "en_US", "GB": "en_GB", "DE": "de_DE", "FR": "fr_FR",
    "IT": "it_IT", "ES": "es_ES", "PL": "pl_PL", "NL": "nl_NL", "SE": "sv_SE", "DK": "da_DK", "FI": "fi_FI",
    "BR": "pt_BR", "MX": "es_MX", "CZ": "cs_CZ", "HU": "hu_HU", "GR": "el_GR", "TR": "tr_TR", "JP": "ja_JP",
    "CN": "zh_CN", "KR": "ko_KR", "IN": "en_IN", "AT": "de_AT", "CH": "de_CH", "BE": "nl_BE", "IE": "en_IE",
    "UA": "uk_UA", "PT": "pt_PT",
}  # fmt: skip
WEIGHTS = [12, 8, 6, 14, 9, 10, 8, *([2] * (len(LOCALES) - 7))]
FORMS = (
    "SRL",
    "S.R.L.",
    "AS",
    "GmbH",
    "Ltd",
    "Limited",
    "Inc.",
    "LLC",
    "SA",
    "S.p.A.",
    "AB",
    "Oy",
    "BV",
    "",
)
REPEATED = 0.3
MIGRATION = """version: 1
name: stage
sources:
  crm: {adapter: parquet, path: ".", datasets: {leads: {file: leads.parquet, key: [id]}}}
target: {adapter: sqlite, path: crm.db}
"""
MAPPING = """source: crm
dataset: leads
object: lead
region: {from: country}
fields:
  name: {from: name}
  company: {from: company}
  phone: {from: phone}
  mobile: {from: mobile}
  email: {from: email}
  address.street: {from: street}
  address.locality: {from: city}
  address.postal_code: {from: zip}
  address.country: {from: country}
  birth_date: {from: born}
ignore: {id: the key}
"""
COLUMNS = (
    "name",
    "company",
    "phone",
    "mobile",
    "email",
    "street",
    "city",
    "zip",
    "country",
    "born",
)


class Pools:
    """Words of each region, drawn once."""

    def __init__(self, seed: int) -> None:
        Faker.seed(seed)
        self.names = {code: Faker(locale) for code, locale in LOCALES.items()}
        self.given = {c: [f.first_name() for _ in range(300)] for c, f in self.names.items()}
        self.family = {c: [f.last_name() for _ in range(300)] for c, f in self.names.items()}
        self.streets = {c: [f.street_name() for _ in range(200)] for c, f in self.names.items()}
        self.cities = {c: [f.city() for _ in range(150)] for c, f in self.names.items()}
        self.codes = {c: [f.postcode() for _ in range(300)] for c, f in self.names.items()}
        self.companies = {c: [f.company() for _ in range(300)] for c, f in self.names.items()}
        self.countries = {c: (c, c.lower(), *_countries(c)) for c in LOCALES}
        rng, kinds = random.Random(seed), phonenumbers.PhoneNumberType
        self.mobile = {c: _beginnings(c, kinds.MOBILE, rng) for c in LOCALES}
        self.fixed = {c: _beginnings(c, kinds.FIXED_LINE, rng) for c in LOCALES}


def _countries(code: str) -> tuple[str, str]:
    return Locale("en").territories[code], Locale.parse(
        LOCALES[code].replace("no_", "nb_")
    ).territories[code]


def _beginnings(region: str, kind: int, rng: random.Random) -> list[str]:
    """Return national numbers as they are dialled, without their last five digits.

    They are drawn at random from what is given out in the region, so that nearly every number with
    one of these beginnings is valid, as in a CRM.
    """
    example = phonenumbers.example_number_for_type(region, kind)
    written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    digits = "".join(c for c in written if c.isdigit())
    found = {digits[:-5]}
    for _ in range(400):
        fixed = rng.randrange(1, len(digits) - 4)
        drawn = digits[:fixed] + "".join(rng.choices("0123456789", k=len(digits) - fixed))
        if _is_valid(drawn, region):
            found.add(drawn[:-5])
    return sorted(found)


def _is_valid(text: str, region: str) -> bool:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number_for_region(number, region)


Recipe = tuple[tuple[float, str], ...]
"""Shares of spellings, as templates."""
NAMES: Recipe = (
    (70, "{given} {family}"),
    (10, "{family}, {given}"),
    (8, "{GIVEN} {FAMILY}"),
    (5, "{given_} {family_}"),
    (3, "Dr. {given} {family}"),
    (2, " {given}  {family} "),
    (2, "{given} & {other} {family}"),
)
PHONES: Recipe = (
    (30, "{a} {b} {c}"),
    (15, "{a}{b}{c}"),
    (17, "+{code} {short}"),
    (10, "+{code}{plain}"),
    (7, "({a}) {b}-{c}"),
    (5, "00{code} {short}"),
    (4, "{a}.{b}.{c}"),
    (3, "Tel: {a}{b}{c}"),
    (2.5, "{a}{b}{c} / {other}"),
    (1.5, "+{code} (0) {short}"),
    (1.5, "{code}{plain}.0"),
    (1.5, "{a} {b}{c} ext. {b}"),
    (0.5, "{a}{b}{c} (work)"),
    (0.5, "{a}{b}"),
    (1, "n/a"),
    (0.5, "ring reception"),
)
EMAILS: Recipe = (
    (80, "{local}@{domain}"),
    (8, "{Local}@{DOMAIN}"),
    (3, "{Given} {Family} <{local}@{domain}>"),
    (2, "{local}@{domain}; {family}@{domain}"),
    (2, "{local}@gmial.com"),
    (2, " {local}@{domain}"),
    (1, "mailto:{local}@{domain}"),
    (1, "{local}.{domain}"),
    (1, "n/a"),
)


def write(recipe: Recipe, rng: random.Random, words: dict[str, object]) -> str:
    """Fill in one of the templates."""
    return rng.choices([t for _, t in recipe], [share for share, _ in recipe])[0].format(**words)


def make_name(pools: Pools, region: str, rng: random.Random) -> str:
    """Return a person's name in one of the usual spellings."""
    given, family = rng.choice(pools.given[region]), rng.choice(pools.family[region])
    if rng.random() < 0.25:
        family += ("-" if given.isascii() else " ") + rng.choice(pools.family[region])
    if rng.random() < 0.2:
        given += " " + rng.choice(pools.given[region])
    words = {"given": given, "family": family, "other": rng.choice(pools.given[region])}
    words |= {"GIVEN": given.upper(), "FAMILY": family.upper()}
    return write(NAMES, rng, words | {"given_": given.lower(), "family_": family.lower()})


def make_company(pools: Pools, region: str, rng: random.Random) -> str:
    """Return a company, with or without a legal form."""
    base = rng.choice(pools.companies[region])
    if rng.random() < 0.5:
        base = f"{rng.choice(pools.family[region])} {base.split()[0]} {rng.randrange(900)}"
    name = f"{base} {rng.choice(FORMS)}".strip()
    return name.upper() if rng.random() < 0.15 else name


def make_phone(beginnings: list[str], region: str, rng: random.Random) -> str:
    """Return a number in one of the usual spellings, now and then a dirty one."""
    national = rng.choice(beginnings) + f"{rng.randrange(100_000):05d}"
    code = phonenumbers.country_code_for_region(region)
    plain = national[1:] if national.startswith("0") and region != "IT" else national
    words = {"a": national[:4], "b": national[4:7], "c": national[7:], "code": code, "plain": plain}
    words["other"] = rng.choice(beginnings) + f"{rng.randrange(100_000):05d}"
    return write(PHONES, rng, words | {"short": f"{plain[:3]} {plain[3:6]} {plain[6:]}".strip()})


def make_email(pools: Pools, region: str, rng: random.Random) -> str:
    """Return an address; four of five are clean."""
    words = (rng.choice(pools.given[region]), rng.choice(pools.family[region]))
    given, family = ("".join(c for c in anyascii(w).lower() if c.isalnum()) for w in words)
    local = f"{given}.{family}{rng.choice(('', rng.randrange(100), rng.randrange(10000)))}"
    domain = rng.choice(
        (
            "gmail.com",
            "yahoo.com",
            f"{family}.com",
            f"mail.{region.lower()}",
            f"{given}{family}.net",
        )
    )
    upper = {"Local": local.title(), "DOMAIN": domain.upper()}
    titles = {"Given": given.title(), "Family": family.title(), "family": family}
    return write(EMAILS, rng, {"local": local, "domain": domain, **upper, **titles})


def make_address(pools: Pools, region: str, rng: random.Random) -> tuple[str, str, str]:
    """Return street with number, city and postcode."""
    street, number = rng.choice(pools.streets[region]), rng.randrange(1, 400)
    first = region in {"US", "GB", "FR", "IN", "IE"}
    line = f"{number} {street}" if first else f"{street} {number}"
    city = rng.choice(pools.cities[region])
    dice = rng.random()
    if dice < 0.08:
        line, city = line.upper(), city.upper()
    elif dice < 0.12:
        line = line.lower()
    elif dice < 0.18:
        line = f"{line}, {rng.choice(('ap. 4', 'Apt 12', 'bl. A2', '2nd floor', 'c/o Reception'))}"
    elif dice < 0.21:
        city = _misread(city)
    return line, city, rng.choice(pools.codes[region])


def _misread(text: str) -> str:
    return text.encode().decode("cp1252", "replace")


def make_born(region: str, rng: random.Random) -> str:
    """Return a date of birth in the style of the region or in ISO 8601."""
    rng.choice("../-")
    year, month, day = rng.randrange(1935, 2008), rng.randrange(1, 13), rng.randrange(1, 29)
    dice = rng.random()
    if dice < 0.5:
        return f"{year}-{month:02d}-{day:02d}"
    if dice < 0.55:
        return f"{year}-{month:02d}-{day:02d} 00:00:00"
    if dice < 0.6:
        return rng.choice(("0000-00-00", "n/a", "1900-01-00", f"{rng.randrange(20000, 40000)}"))
    if region == "US":
        return f"{month}/{day}/{year}"
    return (
        f"{day:02d}{rng.choice('./-')}{month:02d}.{year}".replace("..", ".")
        if dice < 0.62
        else f"{day:02d}.{month:02d}.{year}"
    )


def repeating(make: Callable[[], object], rng: random.Random, known: list[object]) -> object:
    """Return a new value, or with a share of REPEATED one that was there."""
    if known and rng.random() < REPEATED:
        return rng.choice(known)
    value = make()
    known.append(value)
    return value


def generate(count: int, seed: int) -> pl.DataFrame:
    """Return `count` rows of text columns."""
    rng, pools = random.Random(seed), Pools(seed)
    regions = list(LOCALES)
    seen: dict[tuple[str, str], list[object]] = {}
    columns: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for region in rng.choices(regions, WEIGHTS, k=count):
        made = {
            "name": lambda r=region: make_name(pools, r, rng),
            "company": lambda r=region: make_company(pools, r, rng),
            "phone": lambda r=region: make_phone(pools.fixed[r], r, rng),
            "mobile": lambda r=region: make_phone(pools.mobile[r], r, rng),
            "email": lambda r=region: make_email(pools, r, rng),
            "address": lambda r=region: make_address(pools, r, rng),
            "born": lambda r=region: make_born(r, rng),
        }
        row = {n: repeating(m, rng, seen.setdefault((n, region), [])) for n, m in made.items()}
        row["street"], row["city"], row["zip"] = row.pop("address")  # type: ignore[misc]
        row["country"] = rng.choices(pools.countries[region], (70, 5, 15, 10))[0]
        for name in ("company", "mobile", "born", "email"):
            if rng.random() < 0.1:
                row[name] = None
        for name in COLUMNS:
            columns[name].append(row[name])
    frame = pl.DataFrame(columns, schema=dict.fromkeys(COLUMNS, pl.String))
    return frame.with_row_index("id", offset=1)


def measure(folder: Path, count: int, seed: int) -> dict[str, object]:
    """Write the project, prepare the stage, and run it."""
    (folder / "mappings").mkdir()
    (folder / "migration.yaml").write_text(MIGRATION, encoding="utf-8")
    (folder / "mappings" / "lead.yaml").write_text(MAPPING, encoding="utf-8")
    frame = generate(count, seed)
    frame.write_parquet(folder / "leads.parquet")
    shares = {n: round(frame[n].n_unique() / frame.height, 2) for n in COLUMNS}
    del frame
    for stage in ("extract", "map"):
        _run(stage, folder)
    plain = _plain(folder)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    peak = _run("standardize", folder)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = next((folder / ".crmmigrate" / "runs").glob("*/standardize/*"))
    log = pl.scan_parquet([*found.glob("changes-*.parquet")])
    return {
        "contacts": count,
        "distinct": shares,
        "cpu_s": round(cpu, 1),
        "wall_s": round(wall, 1),
        "peak_mib": peak,
        "logged_cells": log.select(pl.len()).collect().item(),
        "ratio_to_plain_read_write": round(cpu / plain, 1),
    }


def _run(stage: str, folder: Path) -> int:
    """Run a stage; return the peak of all its processes together in MiB."""
    command = [sys.executable, "-m", "crmmigrate", stage, "--json", "-C", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _memory(process.pid))
            time.sleep(0.1)
    if process.returncode:
        sys.exit(process.returncode)
    return peak // 1024


def _memory(pid: int) -> int:
    """Return the memory of a process and its children in KiB, as Linux tells it."""
    total = 0
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        total += next(
            int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")
        )
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split():
            total += _memory(int(child))
    except (OSError, StopIteration):
        return total
    return total


def _plain(folder: Path) -> float:
    """Return the CPU seconds of reading the mapped rows and writing them again."""
    paths = sorted((folder / ".crmmigrate" / "runs").glob("*/map/*/rows-*.parquet"))
    started = time.process_time()
    for number, path in enumerate(paths):
        pl.read_parquet(path).write_parquet(folder / f"plain-{number}.parquet", compression="lz4")
    return time.process_time() - started


def main() -> None:
    """Generate, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(Path(folder), options.contacts, options.seed), indent=1))


if __name__ == "__main__":
    main()
