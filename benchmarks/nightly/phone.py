"""Compare the phone kernel with phonenumbers on random numbers of all regions.

Usage: python benchmarks/nightly/phone.py [--numbers 5000000] [--seed N]

Prints the seed, the first differences, and exits 1 if there is one. Whatever the library reads as a
valid number must come out the same in every part, unless the kernel says that it is ambiguous or
that the cell holds several numbers.
"""

import argparse
import random
import sys

import phonenumbers
import polars as pl
from phonenumbers import PhoneNumberFormat, PhoneNumberType, re_util

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.phones import standardize_phones

BATCH = 50_000
re_util.enable_pattern_cache()
_REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
_TYPES = {v: k.lower() for k, v in vars(PhoneNumberType).items() if isinstance(v, int)}
_BEFORE = ("", "", "+", "+", "00", "011", "0", "1", "8", "06", "010", "0014")
_BEHIND = ("", "", "", "", "", " ext. 12", " x45", ";ext=7")
_STYLES = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966)


def main() -> int:
    """Compare batch by batch; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--numbers", type=int, default=5_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    rng, book, wrong, valid = random.Random(given.seed), load_region_book(None), 0, 0
    for _ in range(0, given.numbers, BATCH):
        rows = [_draw(rng) for _ in range(min(BATCH, given.numbers))]
        frame = pl.DataFrame(rows, schema=["text", "_region"], orient="row")
        read = standardize_phones(frame, book, {})
        for (text, region), row in zip(rows, read.iter_rows(named=True), strict=True):
            meant = _library(text, region)
            valid += meant is not None
            if meant is None or row["status"] in {"ambiguous", "split"}:
                continue
            told = tuple(
                row[part] for part in ("e164", "type", "region", "national", "international")
            )
            if told != meant:
                wrong += 1
                if wrong <= 20:
                    print(f"{text!r} {region}: {told} not {meant}", flush=True)
    print(f"{given.numbers} texts, {valid} valid for the library, {wrong} read otherwise")
    return 1 if wrong else 0


def _draw(rng: random.Random) -> tuple[str, str]:
    """Return a text and the region of its reader."""
    region = rng.choice(_REGIONS)
    kinds = list(phonenumbers.supported_types_for_region(region))
    example = phonenumbers.example_number_for_type(region, rng.choice(kinds)) if kinds else None
    nsn = phonenumbers.national_significant_number(example) if example else "123456"
    kept = rng.randint(1, len(nsn))
    nsn = nsn[:kept] + "".join(rng.choice("0123456789") for _ in range(len(nsn) - kept))
    reader = region if rng.random() < 0.8 else rng.choice(_REGIONS)
    code = phonenumbers.country_code_for_region(region)
    if rng.random() < 0.4:
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int(nsn))
        number.italian_leading_zero = True if nsn.startswith("0") else None
        return phonenumbers.format_number(number, rng.choice(_STYLES)), reader
    before = rng.choice(_BEFORE)
    coded = str(code) if before in {"+", "00", "011"} or rng.random() < 0.1 else ""
    return f"{before}{coded}{rng.choice(('', ' '))}{nsn}{rng.choice(_BEHIND)}", reader


def _library(text: str, region: str) -> tuple[str | None, ...] | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    styles = (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        _TYPES[phonenumbers.number_type(number)],
        phonenumbers.region_code_for_number(number),
        *(phonenumbers.format_number(number, style) for style in styles),
    )


if __name__ == "__main__":
    sys.exit(main())
