"""Generate a project of N contacts of ten countries and send it through `run --load`.

Prints seconds for each stage, the whole process's CPU seconds and peak memory, and the ratio of
the wall time to a plain read-and-write of the same file by polars in the same run::

    python benchmarks/scale.py --contacts 100000
"""

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

PEOPLE = {
    "RO": (
        ("Ioana", "Andrei", "Ștefan", "Mihaela", "Radu", "Elena"),
        ("Popescu", "Ionescu", "Dumitru", "Stan", "Munteanu"),
    ),
    "NO": (
        ("Kari", "Ola", "Ingrid", "Håkon", "Solveig"),
        ("Hansen", "Bakke", "Lund", "Strand", "Haugen"),
    ),
    "TH": (("Somchai", "Malee", "Niran", "Suda"), ("Srisai", "Wongsuwan", "Chaiyo", "Boonmee")),
    "US": (
        ("James", "Mary", "Robert", "Linda", "Kevin"),
        ("Smith", "Johnson", "Walker", "Young", "Carter"),
    ),
    "GB": (("Oliver", "Amelia", "Harry", "Isla"), ("Wright", "Hughes", "Ward", "Turner", "Cooper")),
    "DE": (
        ("Jürgen", "Anke", "Lukas", "Sabine"),
        ("Müller", "Schäfer", "Vogel", "Krüger", "Brandt"),
    ),
    "FR": (("Hélène", "Luc", "Chloé", "Benoît"), ("Lefèvre", "Moreau", "Girard", "Roux")),
    "BR": (("João", "Ana", "Paulo", "Luíza"), ("Silva", "Souza", "Oliveira", "Araújo")),
    "IN": (("Priya", "Rahul", "Anita", "Vijay"), ("Sharma", "Patel", "Reddy", "Iyer")),
    "JP": (("Hiroshi", "Yuki", "Sakura", "Kenji"), ("Tanaka", "Sato", "Suzuki", "Ito")),
}
SYLLABLES = (
    "ba",
    "lor",
    "ven",
    "mi",
    "tek",
    "so",
    "ran",
    "du",
    "el",
    "ka",
    "nor",
    "pi",
    "zu",
    "har",
)
MOBILE = {
    "RO": "07{:08d}",
    "NO": "9{:07d}",
    "TH": "08{:08d}",
    "US": "(212) 5{:02d}-{:04d}",
    "GB": "07{:09d}",
    "DE": "0151 {:08d}",
    "FR": "06{:08d}",
    "BR": "(11) 9{:08d}",
    "IN": "9{:09d}",
    "JP": "090{:08d}",
}
COLUMNS = (
    "id",
    "name",
    "company",
    "phone",
    "email",
    "street",
    "city",
    "zip",
    "country",
    "born",
    "note",
)
MIGRATION = """version: 1
name: scale
sources:
  crm: {adapter: csv, path: ".", datasets: {contacts: {file: contacts.csv, key: [id]}}}
target: {adapter: sqlite, path: crm.db}
match: {contact: contact}
"""
MAPPING = """source: crm
dataset: contacts
object: contact
region: {from: country}
fields:
  name: {from: name}
  department: {from: company}
  phone: {from: phone}
  email: {from: email}
  address.street: {from: street}
  address.locality: {from: city}
  address.postal_code: {from: zip}
  address.country: {from: country}
  birth_date: {from: born}
  description: {from: note}
ignore: {id: the key}
"""


def word(rng: random.Random) -> str:
    """Return an invented word."""
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 4)))


def person(rng: random.Random) -> dict[str, str]:
    """Return one invented person."""
    region = rng.choice(list(PEOPLE))
    given, family = (rng.choice(names) for names in PEOPLE[region])
    family += word(rng) if rng.random() < 0.8 else ""
    number = MOBILE[region]
    digits = (rng.randrange(100), rng.randrange(10_000)) if number.count("{") == 2 else None
    phone = number.format(*digits) if digits else number.format(rng.randrange(10**7))
    local = f"{given}.{family}".encode("ascii", "ignore").decode().lower()
    return {
        "name": f"{given} {family}",
        "company": f"{word(rng).title()} {rng.choice(('SRL', 'AS', 'GmbH', 'Ltd', 'Inc'))}",
        "phone": phone,
        "email": f"{local}{rng.randrange(1000)}@{word(rng)}.example",
        "street": f"{word(rng).title()} {rng.randrange(1, 200)}",
        "city": word(rng).title(),
        "zip": f"{rng.randrange(10_000, 99_999)}",
        "country": region,
        "born": f"{rng.randrange(1940, 2005)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}",
        "note": word(rng),
    }


def spoil(rng: random.Random, known: dict[str, str]) -> dict[str, str]:
    """Return a duplicate of a person as another colleague would have typed it."""
    copy = dict(known)
    given, family = known["name"].split(" ", 1)
    copy["name"] = rng.choice(
        (f"{family}, {given}", known["name"].upper(), f"{given[0]}. {family}")
    )
    copy[rng.choice(("phone", "email", "street", "born"))] = ""
    return copy


def generate(folder: Path, count: int, seed: int) -> None:
    """Write a project with `count` contacts, a tenth of them duplicates."""
    rng = random.Random(seed)
    (folder / "mappings").mkdir()
    (folder / "migration.yaml").write_text(MIGRATION, encoding="utf-8")
    (folder / "mappings" / "contact.yaml").write_text(MAPPING, encoding="utf-8")
    recent: list[dict[str, str]] = []
    with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS)
        writer.writeheader()
        for number in range(count):
            if recent and rng.random() < 0.1:
                row = spoil(rng, rng.choice(recent))
            else:
                row = person(rng)
                recent = [*recent[-500:], row]
            writer.writerow({"id": number + 1, **row})


def measure(folder: Path, count: int) -> dict[str, object]:
    """Run the migration and the plain read-and-write."""
    started = time.perf_counter()
    pl.read_csv(folder / "contacts.csv", infer_schema=False).write_parquet(folder / "plain.parquet")
    plain = time.perf_counter() - started
    command = [sys.executable, "-m", "crmmigrate", "run", "--load", "--json", "-C", str(folder)]
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - started
    if done.returncode:
        sys.exit(done.stderr)
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    stages = {s["stage"]: s["seconds"] for s in json.loads(done.stdout)["reports"]}
    return {
        "contacts": count,
        "wall_s": round(wall, 1),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_mib": usage.ru_maxrss // 1024,
        "ratio_to_plain_read_write": round(wall / plain),
        "stages_s": stages,
    }


def main() -> None:
    """Generate, run, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), options.contacts, options.seed)
        print(json.dumps(measure(Path(folder), options.contacts), indent=1))


if __name__ == "__main__":
    main()
