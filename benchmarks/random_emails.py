"""Compare our syntax of e-mail addresses with email-validator on random addresses.

Usage: python benchmarks/random_emails.py [--count N] [--seed S]      (default: a million, new seed)

Addresses are put together from mailboxes and domains of many kinds (plain, quoted, long labels,
Punycode, letters and marks of many scripts, special-use names) and then mutated. Both the scalar
reading of syntax and the kernel must say what the library says; prints each difference, exits 1 if
there is one. The kernel may call a valid address a placeholder, and may find an address in a text
that is none by itself.
"""

import argparse
import random
import string
import sys
from collections.abc import Iterator
from secrets import randbits

import email_validator
import polars as pl
from email_validator import EmailNotValidError, validate_email

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize.emails import standardize_emails
from crmmigrate.values.email_syntax import normalize_email, refusal_of

ATEXT = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"
QUOTABLE = ATEXT + ' .@"' + chr(92)
LETTERS = (
    "éüßøåñçğıİşșțăâîžčřłąęő", "абвгдежзийЁЖЯ", "αβγάέΏΣς", "สมชายใจดีที่", "山田太郎中文葉", "あいうガギ", "한국어",
    "אבגד", "مرحبا", "राममोहन", "ṩ\u0307\u0323", "\u0301\u0338", "ﬁⅣ①", "．。｡", "－＠﹫", "\u200d\u200c\u00ad", "😀👩",
)  # fmt: skip
ENDINGS = [
    "com", "ro", "no", "co.uk", "th", "de", "рф", "商務", "ไทย", "xn--p1ai", "xn--fiqs8s", "COM", "c", "1", "c0m", "test",
    "example", "local", "localhost", "invalid", "onion", "arpa", "example.com", "xn--", "xn--a", "123", "museum", "",
]  # fmt: skip
STRANGE = ' ".,;:<>()[]@\\\x00\x7f\u00a0\u2028\ud800\n\t'


def random_address(rng: random.Random) -> str:
    """Return one address, mostly near the border of validity."""
    text = f"{_mailbox(rng)}@{_domain(rng)}"
    if rng.random() < 0.03:
        text = f"{_label(rng)} <{text}>"
    for _ in range(rng.choice((0, 0, 0, 1, 1, 2))):
        text = _mutated(text, rng)
    return text


def _letters(rng: random.Random) -> str:
    return rng.choice(LETTERS) if rng.random() < 0.08 else string.ascii_letters + string.digits


def _word(rng: random.Random, alphabet: str, longest: int) -> str:
    return "".join(rng.choices(alphabet, k=rng.randint(1, longest)))


def _mailbox(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.05:
        return '"' + _word(rng, QUOTABLE, 10) + '"'
    if kind < 0.08:
        return rng.choice(("INFO", "Sales", "WebMaster", "www", "", "a" * 64, "a" * 65, "a" * 250))
    atoms = [
        _word(rng, ATEXT if rng.random() < 0.3 else _letters(rng), 8)
        for _ in range(rng.randint(1, 3))
    ]
    return rng.choice((".", ".", ".", "-", "_", "..")).join(atoms)


def _label(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.03:
        return rng.choice("abcdefgh") * rng.choice((62, 63, 64, 120))
    if kind < 0.06:
        return rng.choice(
            ("xn--mller-kva", "xn--", "xn--80ak6aa92e", "ab--c", "XN--MLLER-KVA", "a--b")
        )
    if kind < 0.09:
        return rng.choice(("-a", "a-", "a_b", "1", "[1.2.3.4]", "[IPv6:::1]"))
    return _word(rng, _letters(rng) + "-" * rng.randint(0, 2), 12)


def _domain(rng: random.Random) -> str:
    labels = [_label(rng) for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 3, 6)))]
    return ".".join([*labels, rng.choice(ENDINGS)])


def _mutated(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text) + 1)
    kind = rng.randrange(5)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + rng.choice(STRANGE) + text[at:]
    if kind == 2:
        return text[:at] + rng.choice("".join(LETTERS)) + text[at:]
    if kind == 3:
        return text[:at] + rng.choice(".-@") + text[at:]
    return text.swapcase()


def library_answer(text: str) -> tuple[str | None, str]:
    """Return what the library makes of an address, or None and why it refuses."""
    try:
        return validate_email(text, check_deliverability=False).normalized, ""
    except EmailNotValidError as exc:
        reason = str(exc).rstrip(".")
        return None, reason[:1].lower() + reason[1:]


def differences(count: int, seed: int) -> Iterator[str]:
    """Yield every difference between the library and us."""
    rng = random.Random(seed)
    texts = [random_address(rng) for _ in range(count)]
    wanted = [library_answer(text) for text in texts]
    for text, (value, reason) in zip(texts, wanted, strict=True):
        if normalize_email(text) != value:
            yield f"syntax: {text!r}: {normalize_email(text)!r} is not {value!r}"
        if value is None and refusal_of(text) != reason:
            yield f"reason: {text!r}: {refusal_of(text)!r} is not {reason!r}"
    encodable = [(t, v) for t, (v, _) in zip(texts, wanted, strict=True) if "\ud800" not in t]
    frame = pl.DataFrame({"text": [text for text, _ in encodable]}).with_columns(
        _region=pl.lit(None, pl.String)
    )
    read = standardize_emails(frame, load_region_book(), {})
    said = read.select("value", "valid", "codes").iter_rows()
    for (text, value), (ours, valid, codes) in zip(encodable, said, strict=True):
        if value is not None and ours != value and "STD155" not in codes:
            yield f"kernel: {text!r}: {ours!r} is not {value!r}"
        if value is None and valid == "true" and not {"STD151", "STD152", "STD153"} & set(codes):
            yield f"kernel: {text!r} is told to be valid without a repair"


def main() -> int:
    """Print the differences and how many addresses were compared."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=randbits(32))
    given = parser.parse_args()
    wrong = valid = 0
    for start in range(0, given.count, 50_000):
        many = min(50_000, given.count - start)
        for line in differences(many, given.seed + start):
            print(line)
            wrong += 1
        rng = random.Random(given.seed + start)
        valid += (
            sum(library_answer(random_address(rng))[0] is not None for _ in range(many // 50)) * 50
        )
    print(
        f"{given.count:,} addresses, about {valid:,} of them valid, seed {given.seed}, "
        f"email-validator {email_validator.__version__}: {wrong} differences"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
