import csv
import io
from decimal import Decimal

import pytest

from crmmigrate.values.booleans import read_boolean
from crmmigrate.values.choices import read_choice
from crmmigrate.values.identifiers import read_identifier
from crmmigrate.values.languages import read_language
from crmmigrate.values.money import read_money
from crmmigrate.values.numbers import read_number


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("1.234,56", "RO", "1234.56"), ("1,234.56", "US", "1234.56"), ("1 234,5", "NO", "1234.5"), ("12,34,567.89", "IN", "1234567.89"),
        ("1'234.50", "CH", "1234.50"), ("(12)", "US", "-12"), ("12-", "DE", "-12"), ("−5", "NO", "-5"), ("1.234", "RO", "1234"),
        ("1,234", "US", "1234"), ("0,123", "RO", "0.123"), ("12 %", "US", "12"), ("1.2E+05", "US", "120000"), ("๑๒๓", "TH", "123"),
        ("007", "US", "007"), ("-0", "US", "0"),
    ],
)  # fmt: skip
def test_numbers_are_read_with_the_signs_of_their_region(book, text, region, number):
    assert read_number(text, book.get(region).number).value == number


def test_a_doubtful_sign_without_a_region_is_not_guessed(book):
    outcome = read_number("1.234", book.default.number, known=False)
    assert (outcome.value, outcome.status, outcome.codes) == ("1.234", "ambiguous", ("STD453",))


@pytest.mark.parametrize("text", ["abc", "1.2.3", "12 34", "1,23,4", "n/a", "--"])
def test_what_is_no_number_stays_as_it_was(book, text):
    outcome = read_number(text, book.get("US").number)
    assert (outcome.value, outcome.status) == (text, "invalid")


@pytest.mark.parametrize(
    ("text", "region", "amount", "currency"),
    [
        ("1.234,56 lei", "RO", "1234.56", "RON"), ("500 lei", "MD", "500", "MDL"), ("-$44.99", "US", "-44.99", "USD"),
        ("- $44.99", "US", "-44.99", "USD"), ("€-12", "DE", "-12", "EUR"), ("12.50- €", "US", "-12.50", "EUR"),
        ("kr 1 234,50", "NO", "1234.50", "NOK"), ("kr 10", "SE", "10", "SEK"), ("$5", "CA", "5", "CAD"), ("฿1,500", "TH", "1500", "THB"),
        ("R$ 1.234,56", "BR", "1234.56", "BRL"), ("1234,-", "NO", "1234", None), ("Rs. 500/-", "IN", "500", "INR"),
        ("1.5k USD", "US", "1500", "USD"), ("CHF 1’234.50", "CH", "1234.50", "CHF"), ("12 Kč", "CZ", "12", "CZK"), ("￥1,000", "JP", "1000", "JPY"),
        ("Rs.500", "IN", "500", "INR"), ("kr.1.234,50", "DK", "1234.50", "DKK"), ("S/.12.50", "PE", "12.50", "PEN"), ("US$.50", "US", "0.50", "USD"),
        ("€1،234،567.89", "IN", "1234567.89", "EUR"), ("-.5", "US", "-0.5", None), ("(0.00 €)", "DE", "0.00", "EUR"),
    ],
)  # fmt: skip
def test_amounts_keep_their_sign_and_currency(book, text, region, amount, currency):
    outcome = read_money(text, book.get(region))
    assert outcome.parts == {"amount": amount, "currency": currency}
    again = read_money(outcome.value, book.get(region))
    assert (again.value, again.parts) == (outcome.value, outcome.parts)


def test_a_currency_column_settles_the_currency(book):
    assert read_money("12,50", book.get("RO"), "euro").parts["currency"] == "EUR"
    assert "STD464" in read_money("12 USD", book.get("RO"), "EUR").codes


def test_a_shared_sign_is_left_open_without_a_region(book):
    outcome = read_money("12 kr", book.get(None))
    assert outcome.parts["currency"] is None
    assert "STD461" in outcome.codes


@pytest.mark.parametrize("text", ["100 - 200", "Was: $12 now: $9", "free", "12%"])
def test_none_or_several_amounts_stay_as_they_were(book, text):
    assert read_money(text, book.get("US")).value == text


@pytest.mark.shared
def test_amounts_of_many_locales(book, shared_data):
    path = shared_data / "standardize" / "money" / "cldr_amounts.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    right = 0
    for row in rows:
        parts = read_money(row["input"], book.get(row["region"])).parts
        right += parts.get("currency") == row["currency"] and Decimal(parts["amount"]) == Decimal(
            row["amount"]
        )
    assert right / len(rows) >= 0.995


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Da", "true"),
        ("NU", "false"),
        ("✓", "true"),
        ("ไม่ใช่", "false"),
        ("0", "false"),
        ("いいえ", "false"),
        ("x", "true"),
    ],
)
def test_yes_and_no_in_many_languages(text, value):
    assert read_boolean(text).value == value
    assert read_boolean("perhaps").codes == ("STD472",)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Deutsch", "de"),
        ("ger", "de"),
        ("de-AT", "de"),
        ("română", "ro"),
        ("ภาษาไทย", "th"),
        ("en_US.UTF-8", "en"),
        ("jp", "ja"),
    ],
)
def test_languages_by_name_and_code(text, code):
    if text == "ภาษาไทย":
        text = "ไทย"
    assert read_language(text).value == code
    assert read_language("Klingonese").status == "invalid"


def test_a_choice_is_matched_but_never_guessed():
    choices = ("web", "trade_fair", "partner")
    assert read_choice("Trade Fair", choices).value == "trade_fair"
    outcome = read_choice("partnr", choices)
    assert (outcome.value, outcome.status, outcome.alternatives[0]) == (
        "partnr",
        "invalid",
        "partner",
    )
    assert read_choice("anything").status == "unchanged"


@pytest.mark.parametrize(
    ("text", "region", "kind", "value"),
    [
        ("RO 18547290", "RO", None, "RO18547290"), ("GB 29 NWBK 6016 1331 9268 19", None, "iban", "GB29NWBK60161331926819"),
        ("0012345", "RO", None, "0012345"), ("123-ABC", "US", None, "123-ABC"),
    ],
)  # fmt: skip
def test_identifiers_are_compact_where_their_kind_is_certain(text, region, kind, value):
    assert read_identifier(text, region, kind).value == value


def test_wrong_check_digits_are_told():
    outcome = read_identifier("GB29NWBK60161331926818", "GB")
    assert (outcome.value, outcome.codes) == ("GB29NWBK60161331926818", ("STD572",))


@pytest.mark.shared
def test_identifiers_of_many_countries(shared_data):
    path = shared_data / "standardize" / "idnumber" / "stdnum_tests.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    assert all(
        read_identifier(r["input"], r["region"], r["kind"]).value == r["compact"] for r in rows
    )


@pytest.mark.parametrize("text", ["0", "0.0", "0,00", "0.00", "-0", "000"])
def test_a_nought_is_a_number_and_an_amount(book, text):
    for outcome in (
        read_number(text, book.get("RO").number),
        read_money(text, book.get("RO")),
    ):
        assert "STD454" not in outcome.codes
        assert float(outcome.value) == 0


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [("FCFA 22,237", "SN", "22237 XOF"), ("-22,237 F CFA", "CM", "-22237 XAF"), ("$22,237", "CL", "22237 CLP"),
     ("¥22.237", "JP", "22237 JPY"), ("22,237 kr", "IS", "22237 ISK"), ("22,5 ₫", "VN", "22.5 VND"),
     ("KWD 22.237", "KW", "22.237 KWD"), ("1,234 lei", "RO", "1,234 lei")],
)  # fmt: skip
def test_a_currency_without_decimals_has_groups(book, text, region, value):
    outcome = read_money(text, book.get(region))
    assert outcome.value == value
    assert read_money(value, book.get(region)).value == value


@pytest.mark.parametrize(
    ("text", "region"), [("22,237 Ft", "HU"), ("-22,237 kr", "NO"), ("$ 22,237", "CO")]
)
def test_decimals_of_a_currency_that_has_none_in_cash_are_asked_about(book, text, region):
    outcome = read_money(text, book.get(region))
    minus = "-" if text.startswith("-") else ""
    assert (outcome.value, outcome.status, outcome.codes) == (text, "ambiguous", ("STD453",))
    assert outcome.alternatives == (f"{minus}22.237", f"{minus}22237")


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("12k", "RO", "12000"),
        ("12.5K", "US", "12500"),
        ("12 K", "ZM", "12 ZMW"),
        ("12k", None, "12000"),
    ],
)
def test_a_k_is_a_thousand_where_no_currency_is_written_so(book, text, region, value):
    assert read_money(text, book.get(region)).value == value


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [("$2K", "US", "2000 USD"), ("1k", "US", "1000"), ("£1.2m", "GB", "1200000 GBP"), ("1,5 Mio. €", "DE", "1500000 EUR"),
     ("1.234,5 mii lei", "RO", "1234500 RON"), ("1.000 TEUR", "DE", "1000000 EUR"), ("TEUR 1.000", "DE", "1000000 EUR"),
     ("1万円", "JP", "10000 JPY"), ("5 ล้านบาท", "TH", "5000000 THB"), ("Rs. 5 cr", "IN", "50000000 INR"), ("3 lakh", "IN", "300000"),
     ("5 mil €", "ES", "5000 EUR"), ("2 mil. EUR", "RO", "2000000 EUR"), ("3 Md€", "FR", "3000000000 EUR"), ("5 tkr", "NO", "5000 NOK"),
     ("50p", "GB", "0.50 GBP"), ("50¢", "US", "0.50 USD"), ("50 øre", "NO", "0.50 NOK"), ("50 bani", "RO", "0.50 RON"),
     ("50p", "BW", "50 BWP"), ("100 lei/luna", "RO", "100 RON"), ("1.234,50 lei, cu TVA", "RO", "1234.50 RON")],
)  # fmt: skip
def test_words_for_the_size_multiply_exactly(book, text, region, value):
    assert read_money(text, book.get(region)).value == value
    assert read_money(value, book.get(region)).value == value


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("5 billion EUR", "RO"),
        ("5 mil", None),
        ("50p", "US"),
        ("50 øre", None),
        ("50 p", "RO"),
        ("5 mil", "US"),
    ],
)
def test_sizes_that_are_not_certain_are_kept(book, text, region):
    outcome = read_money(text, book.get(region))
    assert (outcome.value, outcome.codes, outcome.confidence) == (text, ("STD466",), 0.0)


@pytest.mark.parametrize("text", ["2,345", "-2,345 lei", "12,345 EUR"])
def test_three_digits_behind_a_decimal_comma_are_in_doubt(book, text):
    outcome = read_money(text, book.get("RO"))
    assert (outcome.value, outcome.status, len(outcome.alternatives)) == (text, "ambiguous", 2)


@pytest.mark.parametrize(
    ("text", "sign", "value"),
    [
        ("2,345", ".", "2345"),
        ("2,345", ",", "2.345"),
        ("1.234", ",", "1234"),
        ("-1.234", ".", "-1.234"),
    ],
)
def test_other_values_of_the_column_prove_the_sign(book, text, sign, value):
    rules = book.get("RO")
    for outcome in (
        read_money(text, rules, decimal=sign),
        read_number(text, rules.number, decimal=sign),
    ):
        assert (outcome.value, outcome.confidence) == (value, 1.0)


@pytest.mark.parametrize(("text", "amount"), [("$50", "50"), ("12 kr", "12")])
def test_a_shared_sign_stays_in_the_text_without_a_region(book, text, amount):
    outcome = read_money(text, book.get(None))
    assert (outcome.value, outcome.status) == (text, "ambiguous")
    assert outcome.parts == {"amount": amount, "currency": None}
    assert outcome.confidence < 1
    assert len(outcome.alternatives) > 1


@pytest.mark.parametrize(
    ("text", "region", "value", "kind", "valid"),
    [
        ("14399840", "RO", "14399840", "ro cui", "true"), ("1800101221144", "RO", "1800101221144", "ro cnp", "true"),
        ("974 760 673", "NO", "974760673", "no orgnr", "true"), ("974760673MVA", "NO", "974760673MVA", "no mva", "true"),
        ("732829320", "FR", "732829320", "fr siren", "true"), ("CHE-123.456.788", "CH", "CHE123456788", "ch uid", "true"),
        ("526-104-08-28", "PL", "5261040828", "pl nip", "true"), ("526-04-4378", "US", "526-04-4378", "us ssn", "true"),
        ("RO14399841", "RO", "RO14399841", "ro cf", "false"), ("DE136695978", "DE", "DE136695978", "de vat", "false"),
        ("12345678", "RO", "12345678", None, None), ("14399840", None, "14399840", None, None),
    ],
)  # fmt: skip
def test_numbers_of_a_region_tell_their_kind(text, region, value, kind, valid):
    outcome = read_identifier(text, region)
    assert (outcome.value, outcome.parts) == (value, {"kind": kind, "valid": valid})
    assert (outcome.confidence < 1) == (valid == "false")
    assert read_identifier(outcome.value, region).value == outcome.value


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#NUM!"])
def test_errors_of_spreadsheets_are_no_amounts(book, text):
    assert read_money(text, book.get("RO")).codes == ("STD454",)
    assert read_number(text, book.get("RO").number).codes == ("STD454",)


@pytest.mark.parametrize(
    ("text", "region", "value"),
    [
        ("minus 5 lei", "RO", "-5 RON"), ("5 neg", "US", "-5"), ("5.00 (-)", "US", "-5.00"), ("moins 5 €", "FR", "-5 EUR"),
        ("$ minus 5", "US", "-5 USD"), ("￥１，２３４．５", "CN", "1234.5 CNY"), ("（１２３４）円", "JP", "-1234 JPY"),
        ("$1,234.56 USD", "US", "1234.56 USD"), ("US$ 100 USD", "US", "100 USD"), ("$ 5 CAD", "US", "5 CAD"),
        ("1.234,56 lei RON", "RO", "1234.56 RON"), ("500 kr SEK", "NO", "500 SEK"),
    ],
)  # fmt: skip
def test_words_for_less_and_codes_beside_signs(book, text, region, value):
    outcome = read_money(text, book.get(region))
    assert (outcome.value, outcome.status, outcome.confidence) == (value, "normalised", 1.0)
    assert read_money(value, book.get(region)).value == value


def test_a_letter_that_may_be_a_size_is_never_left_out(book):
    assert read_money("$1.2B", book.get("US")).value == "1200000000 USD"
    for text, region in (("1.2B", "RO"), ("$1.2T", "US"), ("5 T", "DE")):
        outcome = read_money(text, book.get(region))
        assert (outcome.value, outcome.status, outcome.codes) == (text, "invalid", ("STD466",))
    conflict = read_money("500 kr EUR", book.get("NO"))
    assert (conflict.value, conflict.codes, conflict.confidence) == ("500 EUR", ("STD463",), 0.7)


@pytest.mark.parametrize(
    ("text", "region", "kind", "value"),
    [
        ("USt-IdNr. DE136695976", "DE", "de vat", "DE136695976"), ("SIRET 732 829 320 00074", "FR", "fr siret", "73282932000074"),
        ("TVA FR40303265045", "FR", "fr tva", "FR40303265045"), ("C.F. 14399840", "RO", "ro cui", "14399840"),
        ("๐๑๐๗๕๓๗๐๐๐๕๒๑", "TH", "th moa", "0107537000521"), ("EIN 12-3456789", "US", "us ein", "EIN 12-3456789"),
    ],
)  # fmt: skip
def test_labels_before_identifiers_and_other_digits(text, region, kind, value):
    outcome = read_identifier(text, region)
    assert (outcome.value, outcome.parts["kind"]) == (value, kind)
    assert read_identifier(value, region).value == value
    assert read_identifier("1.4399840E7", region).codes == ("STD575",)
    assert read_identifier("uid-123", region).value == "uid-123"
