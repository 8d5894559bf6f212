"""The phone lane says what the library says of numbers, and what the scalar says of cells."""

import os
import random
from itertools import pairwise

import phonenumbers
import polars as pl
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from crmmigrate.config.regions import load_region_book
from crmmigrate.standardize import kinds as standardize
from crmmigrate.standardize import phones
from crmmigrate.standardize.lanes import in_blocks
from crmmigrate.standardize.phone_plan_file import load_plans
from crmmigrate.values.phone_cells import phone_words
from crmmigrate.values.phone_plans import build_plans

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = [kind for kind in vars(PhoneNumberType).values() if isinstance(kind, int)]
BEFORE = ("", "", "", "+", "+", "00", "011", "0", "1", "8", "06", "010", "0014")
AROUND = (
    *("{}", "{}", "{}", "{}", "Tel. {}", "mob: {}", "{} (work)", "{} x12", "{} int. 7", "'{}"),
    *("{}.0", "({})", "{} Maria", "Tlf {} kontor", "โทร {} ต่อ 12", "{}#12", "{} ext 5 (home)"),
    *("{} / {}", "{}; {}", "{} or {}", "{},{}", "{}/12", "{} ask for Ana", "fax", "{} {}", "n/a"),
)
TYPES = {v: k.lower() for k, v in vars(PhoneNumberType).items() if isinstance(v, int)}


@pytest.fixture(scope="module")
def book():
    return load_region_book()


@pytest.fixture(autouse=True)
def _loops(monkeypatch):
    """Small columns are read by loops, too."""
    monkeypatch.setattr(phones, "LEAST_ROWS", 0)


@pytest.fixture
def rng():
    new = os.environ.get("CRMMIGRATE_NEW_CASES") == "1"
    seed = random.SystemRandom().randrange(10**9) if new else 20_261_125
    print("seed", seed)
    return random.Random(seed)


def nearly_valid(rng, region):
    """A number of a region with its last digits drawn anew, sometimes too long or too short."""
    kinds = rng.sample(KINDS, len(KINDS))
    examples = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    example = next(filter(None, examples), None)
    nsn = phonenumbers.national_significant_number(example) if example else "123456"
    kept = rng.randint(1, len(nsn))
    drawn = len(nsn) - kept + rng.choice((0, 0, 0, 0, 0, -1, 1))
    return nsn[:kept] + "".join(rng.choice("0123456789") for _ in range(drawn))


def dialled(rng, region):
    """Digits as someone in the region, or abroad, may write them."""
    code = str(phonenumbers.country_code_for_region(region))
    before = rng.choice(BEFORE)
    digits = nearly_valid(rng, region)
    return f"{before}{code if before in {'+', '00', '011'} or rng.random() < 0.1 else ''}{digits}"


def separated(rng, digits):
    sign = rng.choice((" ", "-", ".", "/", ""))
    at = [0, *sorted(rng.sample(range(1, len(digits)), min(2, len(digits) - 1))), len(digits)]
    return sign.join(digits[a:b] for a, b in pairwise(at))


def kernel(rows, book):
    frame = pl.DataFrame(rows, schema=["text", "_region"], orient="row")
    return phones.standardize_phones(frame, book, {})


def test_numbers_of_all_regions_are_read_as_the_library_does(book, rng):
    rows = [(dialled(rng, rng.choice(REGIONS)), rng.choice(REGIONS)) for _ in range(3000)]
    rows += [(dialled(rng, region), region) for region in REGIONS * 8]
    for (text, region), row in zip(rows, kernel(rows, book).iter_rows(named=True), strict=True):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            assert row["valid"] == "false" or {"STD107"} & set(row["codes"]), (text, region)
            continue
        if not phonenumbers.is_valid_number(number):
            continue
        told = [row[part] for part in ("e164", "national", "international", "type", "region")]
        styles = (
            PhoneNumberFormat.E164,
            PhoneNumberFormat.NATIONAL,
            PhoneNumberFormat.INTERNATIONAL,
        )
        assert told == [
            *(phonenumbers.format_number(number, style) for style in styles),
            TYPES[phonenumbers.number_type(number)],
            phonenumbers.region_code_for_number(number),
        ], (text, region)


def test_cells_are_read_as_the_scalar_does(book, rng, monkeypatch):
    rows = []
    for region in REGIONS * 5:
        numbers = [separated(rng, dialled(rng, region)) for _ in range(2)]
        rows.append(
            (rng.choice(AROUND).format(*numbers), rng.choice((region, region, region, None)))
        )
    slow = phones._outcome
    left = set()
    monkeypatch.setattr(phones, "_outcome", lambda *given: (left.add(given[:2]), slow(*given))[1])
    for given, row in zip(rows, kernel(rows, book).iter_rows(named=True), strict=True):
        if given not in left:
            outcome = slow(*given, phone_words(book.get(given[1]).phone), None, None)
            assert {part: outcome.parts.get(part) for part in phones._PARTS} == {
                part: row[part] for part in phones._PARTS
            }, given
            assert (outcome.value, outcome.status, list(outcome.codes)) == (
                *(row["value"], row["status"], row["codes"]),
            ), given
            assert (outcome.message, outcome.confidence, list(outcome.alternatives)) == (
                *(row["message"], row["confidence"], row["alternatives"]),
            ), given
    assert len(left) < 0.8 * len(rows)


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0722 123 456", "RO"),
        ("+40 722 123 456", "US"),
        ("0049 30 123456", "DE"),
        ("011 40 722 123 456", "US"),
        ("1 212 736 5000", "US"),
        ("+44 (0)20 7946 0958", "GB"),
        ("Tel. 0722 123 456", "RO"),
        ("0722 123 456 (work)", "RO"),
        ("021 312 34 56 int. 12", "RO"),
        ("40722123456.0", "RO"),
        ("0722 12", "RO"),
        ("n/a", "RO"),
        ("Maria Popescu", "RO"),
        ("4.07E+10", "RO"),
        ("0722 XXX XXX", "RO"),
        ("๐๒-๑๒๓-๔๕๖๗", "TH"),
        ("0722 123 456", None),
        ("011 15 4321 1234", "AR"),
        ("06 1 234 5678", "HU"),
        ("8 (495) 123-45-67", "RU"),
    ],
)
def test_common_cells_take_the_lane(book, monkeypatch, text, region):
    def refuse(*given):
        raise AssertionError(given)

    monkeypatch.setattr(phones, "_outcome", refuse)
    assert kernel([(text, region)], book).height == 1


CHANGED = [
    ("(021) 312 34 56 / (021) 312 34 57", "RO"),
    ("0722123456; 0722123457", "RO"),
    ("0722 123 456 sau 0722 123 457", "RO"),
    ("0722 123 456 0722 123 457", "RO"),
    ("0722123456/12", "RO"),
    ("0722123456/0222", "RO"),
    ("0722123456 +40 722 123 457", "RO"),
    ("0722123456, 0722123456", "RO"),
    ("+49 (0) 30 123456", "DE"),
    ("+39 (0) 6 1234 5678", "IT"),
    ("'+40722123456", "RO"),
    ("+40722123456", "RO"),
    ("+40722123456 ", "RO"),
    ("+40722123456 x12", "RO"),
    ("+40722123456 (acasă)", "RO"),
    ("+40722123456 (acasă) x12", "RO"),
    ("40722123456,0", "RO"),
    ("4915123344763.0", "DE"),
    ("4915123344763", "DE"),
    ("4915123344763 (work)", "DE"),
    ("4915123344763 x 12", "DE"),
    ("49/15123344763", "DE"),
    ("49‐15123344763", "DE"),
    ("(49) 15123344763", "DE"),
    ("0722-123-45", "RO"),
    ("0722123456; 12345678", "RO"),
    ("4915123344763; 12345678", "DE"),
    ("0018002866466; 0016702709288", "MP"),
    ("4915123344763 sau 4915123344764", "DE"),
    ("7269 office", "TK"),
    ("+49 1512 38351610", "DE"),
    ("โทร +263 20 2377271", "ZW"),
    ("0622348699;ext=7", "AL"),
    ("01186 8001234562", "CN"),
    ("0358410 05 61266#12", "AX"),
    ("801-671 (home)", "WS"),
    ("10.7710 office", "NF"),
    ("+1 868-275-6489 8682497347", "TT"),
    ("+1 767-238-7901; 17672378678", "DM"),
    ("(664) 434-6642; 6644831510", "MS"),
    ("9689 9896, 80057876", "MT"),
    ("333 215 690/333 552 214", "GQ"),
    ("0097022510547 / 022581035", "PS"),
    ("329 0865 or +691 356 6822", "FM"),
    ("006913596952 sau 354.2700", "FM"),
    ("40-15-38-07; +689 87 59 95 29", "PF"),
    ("22793869156\n20-01-98-21", "NE"),
    ("8950/+2908951", "TA"),
    ("40247\n+677 40370", "SB"),
    ("+242 22 276 6291 ext. 7774", "CG"),
    ("+263 71 254 4882 sau +263 20 2898207", "ZW"),
    ("０７２２　１２３　４５６", "RO"),
    ("๐๘๑ ๒๓๔ ๕๖๗๘ ต่อ ๑๒", "TH"),
    ("+7800123456 / 1.7771.0009998", "KZ"),
    ("+221810700879.5 office", "SN"),
    ("0121 215 00251", "GB"),
    ("+33 1 23 78 00 913", "FR"),
    ("+505 2191 7465 0050518177237", "NI"),
    ("+47 805 39 667 | 809 67 420", "NO"),
    ("+240 333 008 053", "GQ"),
    ("008210209136784", "KR"),
    ("+8551800592147 091 235 509", "KH"),
    ("003780549720242 66 43 82 81", "SM"),
    ("00241060311899 106034797", "GA"),
    ("+676 0871 498 006767730624", "TO"),
    ("(670) 214-9320/+1 670-270-2356", "MP"),
    ("+262 639 85 92 26 sau 00262639435935", "YT"),
    ("11 15 1234 5678", "AR"),
    ("0 11 15 1234 5678", "AR"),
    ("0 15 11 99999 1234", "BR"),
    ("90 21 99999 1234", "BR"),
    ("0 11 123456", "GA"),
    ("555 1234", "AG"),
    ("1 800 FLOWERS", "US"),
    ("0000000", "RO"),
    ("12", "RO"),
    ("1234567890123456789012345678901234567890", "RO"),
    ("(((0722 123 456", "RO"),
    ("+", "RO"),
    ("\u202b0722 123 456", "RO"),
    ("0722\x00123456", "RO"),
    ("0722 123 456 \U0001f600", "RO"),
    ("x" * 300 + "0722123456", "RO"),
    ("0722 123 456", "ZZ"),
    ("0049 30 123456", None),
    ("+40 722 123 456 (work)", None),
    ("0722 123 456 (work)", None),
    (None, "RO"),
    ("", "RO"),
    (" ", None),
]


def test_every_kind_of_cell_is_read_as_the_scalar_does(book):
    for given, row in zip(CHANGED, kernel(CHANGED, book).iter_rows(named=True), strict=True):
        outcome = phones._outcome(*given, phone_words(book.get(given[1]).phone), None, None)
        said = {name: getattr(outcome, name) for name in ("value", "status", "message")}
        assert {name: row[name] for name in said} == said, given
        assert (row["codes"], row["alternatives"]) == (
            *(list(outcome.codes), list(outcome.alternatives)),
        ), given
        parts = {part: outcome.parts.get(part) for part in phones._PARTS}
        assert {part: row[part] for part in parts} == parts, given


def test_extensions_and_notes_of_their_own_columns_are_kept(book):
    given = {
        "text": ["0213123456", "0213123456 int. 9 (acasă)", "0213123456", "see Ana"],
        "extension": ["12", "13", None, "14"],
        "note": ["office", "office", None, "Ana"],
        "_region": ["RO"] * 4,
    }
    read = phones.standardize_phones(pl.DataFrame(given), book, {})
    assert read["extension"].to_list() == ["12", "9", None, "14"]
    assert read["note"].to_list() == ["office", "acasă", None, "Ana"]
    assert read["national"].to_list() == [
        *("021 312 3456 int 12", "021 312 3456 int 9", "021 312 3456", None),
    ]


def test_the_packaged_plans_are_those_of_the_library():
    assert load_plans() == build_plans()


def test_a_column_without_values_stays_one(book):
    assert kernel(CHANGED[:0], book).columns == kernel(CHANGED, book).columns


def test_small_columns_are_read_one_by_one(book, monkeypatch):
    loops = kernel(CHANGED, book)
    monkeypatch.setattr(phones, "LEAST_ROWS", 2_000)
    monkeypatch.setattr(phones, "_LOOPS", "not loaded")
    assert kernel(CHANGED, book).equals(loops)


def test_blocks_of_rows_are_read_as_the_whole(book, rng):
    around = [form for form in AROUND if form.count("{}") == 1] + [
        "{}\n0722123456",
        "{} \x07",
        " {} ",
    ]
    rows = [(rng.choice(around).format(dialled(rng, region)), region) for region in REGIONS]
    frame = pl.DataFrame(rows, schema=["text", "_region"], orient="row")
    whole = standardize.KINDS["phone"].standardize(frame, book, {})
    by_block = in_blocks(standardize.KINDS["phone"].standardize, frame, book, {}, most=50)
    assert by_block.equals(whole)
    empty = in_blocks(standardize.KINDS["phone"].standardize, frame.clear(), book, {}, most=50)
    assert empty.schema == whole.schema
