"""Find duplicates in data sets with truth, and print pairwise and B-cubed precision, recall and F1.

Usage: python benchmarks/match.py FOLDER [NAME …]

FOLDER holds one folder a data set: records.csv (key column `id`) and truth.csv (`id,entity_id` or
`id_a,id_b`). What the columns mean is told by `meaning.txt` beside them (one COLUMN=TYPE a line,
`region=CC` first) or, for the sets known here, by MEANINGS. Nothing else is given: the rules,
weights and threshold are the defaults of `crmmigrate match`.
"""

import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

import polars as pl

from crmmigrate.dedupe.cluster import components
from crmmigrate.dedupe.measures import against_truth
from crmmigrate.stages.match import MatchRequest, match_files

MEANINGS = {
    "febrl3": ("AU", [
        "given_name=person_name.given", "surname=person_name.family",
        "street_number=postal_address.house_number", "address_1=postal_address.street",
        "address_2=postal_address.dependent_locality", "suburb=postal_address.locality",
        "postcode=postal_address.postal_code", "state=postal_address.region", "date_of_birth=date",
        "soc_sec_id=identifier",
    ]),
    "chicago_childcare": ("US", [
        "site_name=organization", "address=postal_address.street",
        "zip=postal_address.postal_code", "phone=phone",
    ]),
    "fodors_zagats": ("US", [
        "name=organization", "addr=postal_address.street", "city=postal_address.locality", "phone=phone",
    ]),
    "fake_1000": ("GB", [
        "first_name=person_name.given", "surname=person_name.family", "dob=date",
        "city=postal_address.locality", "email=email",
    ]),
    "rldata500": ("DE", [
        "fname_c1=person_name.given", "fname_c2=person_name.middle", "lname_c1=person_name.family",
        "by=number", "bm=number", "bd=number",
    ]),
    "business": ("US", ["name=organization"]),
}  # fmt: skip


def meaning(folder: Path) -> tuple[str | None, list[str]] | None:
    """Return region and fields of a data set, or None if nobody has told."""
    told = folder / "meaning.txt"
    if not told.is_file():
        return MEANINGS.get(folder.name)
    lines = [line.strip() for line in told.read_text(encoding="utf-8").splitlines() if line.strip()]
    region = next(
        (line.removeprefix("region=") for line in lines if line.startswith("region=")), None
    )
    return region, [line for line in lines if not line.startswith("region=")]


def entities(folder: Path, keys: pl.Series) -> pl.DataFrame:
    """Return `key` and the true `entity` of every record."""
    truth = pl.read_csv(folder / "truth.csv", infer_schema=False)
    if "entity_id" in truth.columns:
        return truth.select(key="id", entity="entity_id")
    rows = pl.DataFrame({"key": keys}).with_row_index("row")
    pairs = truth.join(rows, left_on="id_a", right_on="key").join(
        rows, left_on="id_b", right_on="key", suffix="_b"
    )
    edges = pairs.select(a=pl.col("row").cast(pl.UInt32), b=pl.col("row_b").cast(pl.UInt32))
    return pl.DataFrame({"key": keys, "entity": components(edges, len(keys)).cast(pl.String)})


def measure(folder: Path) -> dict[str, float] | None:
    """Match one data set as the command does."""
    told = meaning(folder)
    if told is None:
        return None
    with tempfile.TemporaryDirectory() as out:
        started, cpu = perf_counter(), process_time()
        match_files(MatchRequest(folder / "records.csv", None, "id", told[1], Path(out), told[0]))
        spent = {"seconds": perf_counter() - started, "CPU s": process_time() - cpu}
        clusters = pl.read_csv(Path(out) / "clusters.csv", infer_schema=False)
    found = against_truth(clusters.join(entities(folder, clusters["key"]), on="key"))
    return {
        "P": found.precision, "R": found.recall, "F1": found.f1, "B3 P": found.cubed_precision,
        "B3 R": found.cubed_recall, "B3 F1": found.cubed_f1, **spent,
    }  # fmt: skip


def main(root: Path, names: list[str]) -> None:
    """Print one line a data set."""
    print(
        f"{'set':20}{'P':>8}{'R':>8}{'F1':>8}{'B3 P':>8}{'B3 R':>8}{'B3 F1':>8}{'seconds':>9}{'CPU s':>8}"
    )
    for folder in sorted(p for p in root.iterdir() if (p / "truth.csv").is_file()):
        if names and folder.name not in names:
            continue
        found = measure(folder)
        if found is None:
            print(f"{folder.name:20} what its columns mean is not told")
            continue
        *shares, seconds, cpu = found.values()
        print(
            f"{folder.name:20}" + "".join(f"{s:8.4f}" for s in shares) + f"{seconds:9.1f}{cpu:8.1f}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory {peak:.2f} GB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
