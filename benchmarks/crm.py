"""Make customer records of ten countries with known duplicates and hard negatives, as many as wanted.

Usage: python benchmarks/crm.py 100000 people.parquet

Seeded and streaming: a part is written as soon as it is made. Columns are canonical (standardized),
`entity` is the truth. Hard negatives: households, colleagues on one switchboard, namesakes, twins.
"""

import random
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

WORDS = Path(__file__).resolve().parent.parent / "examples" / "consolidation" / "words"
PART = 100_000
COLUMNS = (
    "_key", "entity", "name_given", "name_family", "birth_date", "email", "phone", "phone_type",
    "mobile", "mobile_type", "address_street", "address_house_number", "address_locality",
    "address_postal_code", "account",
)  # fmt: skip
Person = dict[str, str | None]


def regions() -> list[dict]:
    """Return the words of all regions."""
    found = []
    for path in sorted(WORDS.glob("*.toml")):
        words = tomllib.loads(path.read_text(encoding="utf-8"))
        places = [place.split(";") for place in words["places"]]
        found.append({**words, "cc": path.stem, "cities": [p[0] for p in places]})
    return found


def weighted(rng: random.Random, words: list[str]) -> str:
    """Choose a word; the first ones are common, the last ones rare."""
    return (
        words[min(int(rng.paretovariate(0.9)) - 1, len(words) - 1)]
        if rng.random() < 0.5
        else rng.choice(words)
    )


def latin(text: str | None) -> str:
    """Return the Latin spelling of `native|latin`."""
    return (text or "").rpartition("|")[2]


def spelled(one: Person, native: bool) -> Person:
    """Write every value in one script."""
    return {k: v.split("|")[0 if native else -1] if v else v for k, v in one.items()}


def person(rng: random.Random, region: dict, number: int, shared: Person | None) -> Person:
    """Make one person; `shared` gives family name, place, telephone or employer."""
    given = weighted(rng, region["male"] if rng.random() < 0.5 else region["female"])
    family = weighted(rng, region["family"])
    # Rare names beyond the lists, so that a million people are not all namesakes.
    if rng.random() < 0.4:
        other = weighted(rng, region["family"])
        family = "|".join(
            a + "-" + b for a, b in zip(family.split("|"), other.split("|"), strict=True)
        )
    digits = "".join(rng.choices("0123456789", k=8))
    made: Person = {
        "name_given": given,
        "name_family": family,
        "birth_date": f"{rng.randint(1940, 2005)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
        "phone": f"+{region['calling']}2{digits}" if rng.random() < 0.5 else None,
        "phone_type": "fixed_line",
        "mobile": f"+{region['calling']}7{digits[::-1]}" if rng.random() < 0.7 else None,
        "mobile_type": "mobile",
        "address_street": rng.choice(region["streets"]),
        "address_house_number": str(rng.randint(1, 180)),
        "address_locality": rng.choice(region["cities"]),
        "address_postal_code": f"{rng.randint(1000, 9999)}",
        "account": None,
    }
    if shared:
        made.update(shared)
    mail = f"{latin(given)}.{latin(made['name_family'])}{number}".lower().replace(" ", "")
    made["email"] = f"{mail}@{rng.choice(region['mail'])}" if rng.random() < 0.6 else None
    return made


def entities(rng: random.Random, count: int) -> Iterator[Person]:
    """Yield people, alone, in households and in companies."""
    every = regions()
    made = 0
    while made < count:
        region = rng.choice(every)
        kind = rng.random()
        first = person(rng, region, made, None)
        place = (
            "address_street",
            "address_house_number",
            "address_locality",
            "address_postal_code",
            "phone",
        )
        group, shared = 1, None
        if kind < 0.15:
            group = rng.randint(2, 4)
            shared = {k: first[k] for k in (*place, "name_family")}
            if rng.random() < 0.05:
                shared["birth_date"] = first["birth_date"]
        elif kind < 0.25:
            group = min(int(rng.paretovariate(0.8)) + 1, 200)
            shared = {k: first[k] for k in place} | {"account": f"a{made}"}
        yield first if not shared else {**first, **shared}
        made += 1
        for _ in range(group - 1):
            if made < count:
                yield person(rng, region, made, shared)
                made += 1


def slip(rng: random.Random, text: str | None) -> str | None:
    """Mistype one letter."""
    if not text or len(text) < 3:
        return text
    at = rng.randrange(1, len(text) - 1)
    letter = rng.choice(
        "abcdefghijklmnopqrstuvwxyz0123456789" if text[at].isalpha() else "0123456789"
    )
    return rng.choice(
        [text[:at] + text[at + 1 :], text[:at] + letter + text[at:], text[:at] + letter + text[at + 1 :],
         text[:at] + text[at + 1] + text[at] + text[at + 2 :]]
    )  # fmt: skip


def copy(rng: random.Random, original: Person) -> Person:
    """Repeat a person as another system might know her."""
    again = dict(spelled(original, native=rng.random() < 0.5))
    for field in ("birth_date", "email", "phone", "mobile", "account", "address_postal_code"):
        if rng.random() < 0.25:
            again[field] = None
    for field in ("name_given", "name_family", "address_street", "birth_date", "email"):
        if rng.random() < 0.12:
            again[field] = slip(rng, again[field])
    if rng.random() < 0.08:
        again["name_given"], again["name_family"] = again["name_family"], again["name_given"]
    if rng.random() < 0.06:
        again["name_given"] = (again["name_given"] or "x")[0]
    if rng.random() < 0.15:
        again |= {"address_street": None, "address_house_number": None, "address_postal_code": None}
    return again


def records(rng: random.Random, count: int) -> Iterator[Person]:
    """Yield records; about a third repeat a person."""
    made = 0
    for number, one in enumerate(entities(rng, count)):
        times = 1 + (rng.random() < 0.2) + (rng.random() < 0.06) + (rng.random() < 0.02)
        for time in range(times):
            if made == count:
                return
            known = one if time == 0 else copy(rng, one)
            yield {**spelled(known, rng.random() < 0.5), "_key": f"k{made}", "entity": str(number)}
            made += 1


def write(count: int, path: Path, seed: int = 17) -> None:
    """Write the records as Parquet, part by part."""
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    with pq.ParquetWriter(path, schema) as writer:
        rows: list[Person] = []
        for row in records(random.Random(seed), count):
            rows.append(row)
            if len(rows) == PART:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows.clear()
        writer.write_table(pa.Table.from_pylist(rows, schema))


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
    print(pl.scan_parquet(sys.argv[2]).select(pl.len(), pl.col("entity").n_unique()).collect())
