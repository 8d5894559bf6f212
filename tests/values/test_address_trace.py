from crmmigrate.values.address_trace import trace_address


def test_each_token_is_told_with_its_rule(book):
    traced = trace_address("Str. Horea nr. 3, ap 5, 400174 Cluj-Napoca", "RO", book.get)
    assert [(t.token, t.part, t.rule) for t in traced] == [
        ("Str.", "street", "RO.address.street_types"),
        ("Horea", "street", "position"),
        ("nr.", "house_number", "RO.address.number_words"),
        ("3", "house_number", "shape"),
        ("ap", "unit", "RO.address.unit_words"),
        ("5", "unit", "shape"),
        ("400174", "postal_code", "RO.address.postcode_pattern"),
        ("Cluj-Napoca", "locality", "RO.address.cities"),
    ]


def test_thai_levels_and_leftovers_are_told(book):
    traced = trace_address("99/1 ถ.สุขุมวิท แขวงคลองเตย เขตคลองเตย กทม 10110", "TH", book.get)
    assert [t.part for t in traced] == [
        "house_number", "street", "dependent_locality", "locality", "region", "postal_code",
    ]  # fmt: skip
    assert traced[4].rule == "TH.address.provinces"
