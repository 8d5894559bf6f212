"""`COLUMN=TYPE`."""

import pytest

from crmmigrate.errors import UsageError
from crmmigrate.model.semantic import SemanticType
from crmmigrate.values.fieldspec import FieldSpec, check_columns, field_groups, parse_field


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("Tel=phone", FieldSpec("Tel", "Tel", SemanticType.PHONE)),
        (
            "Vorname=person_name.given",
            FieldSpec("Vorname", "person_name", SemanticType.PERSON_NAME, "given"),
        ),
        ("mobile=home:phone", FieldSpec("mobile", "home", SemanticType.PHONE)),
        (
            "st=ship:postal_address.street",
            FieldSpec("st", "ship", SemanticType.POSTAL_ADDRESS, "street"),
        ),
        (" a = b = email ", FieldSpec("a = b", "a = b", SemanticType.EMAIL)),
        (
            "Straße 2=postal_address.street2",
            FieldSpec("Straße 2", "postal_address", SemanticType.POSTAL_ADDRESS, "street2"),
        ),
    ],
)
def test_parse(text, spec):
    assert parse_field(text) == spec


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("phone", "is not COLUMN=TYPE", "write COLUMN=TYPE"),
        ("=phone", "is not COLUMN=TYPE", "write"),
        ("tel=", "is not COLUMN=TYPE", "write"),
        ("tel=:phone", "empty name", "write"),
        ("tel=phon", "unknown type 'phon'; did you mean 'phone'", "types are"),
        ("v=person_name.givn", "no part 'givn'; did you mean 'given'", "parts of person_name are"),
        ("d=date.year", "date has no parts", "write 'date' alone"),
    ],
)
def test_mistakes(text, message, hint):
    with pytest.raises(UsageError, match=message) as caught:
        parse_field(text)
    assert caught.value.hint.startswith(hint)


def test_parts_of_one_name_make_one_value():
    groups = field_groups(
        map(parse_field, ["v=person_name.given", "n=person_name.family", "t=phone", "m=home:phone"])
    )
    columns = {name: [s.column for s in group] for name, group in groups.items()}
    assert columns == {"person_name": ["v", "n"], "t": ["t"], "home": ["m"]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (["a=phone", "a=email"], "column 'a' is given twice"),
        (["a=x:phone", "b=x:email"], "'x' is both phone and email"),
        (["a=person_name.given", "b=person_name.given"], "are both person_name.given"),
    ],
)
def test_contradictions(fields, message):
    with pytest.raises(UsageError, match=message):
        field_groups(map(parse_field, fields))


def test_missing_column_is_told_with_the_nearest():
    with pytest.raises(UsageError, match="no column 'fone'; did you mean 'phone'"):
        check_columns([parse_field("fone=phone")], ["id", "phone"], "people.csv")
