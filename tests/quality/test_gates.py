"""Gates: limits in shares and in rows."""

import pytest

from crmmigrate.config.limits import parse_limit
from crmmigrate.model.runs import BookLine, FindingCount
from crmmigrate.model.validation import Gate
from crmmigrate.quality.gates import check_gates

BOOKS = (
    BookLine("contact", rows_in=100, rows_out=97, flagged=10, rejected=3),
    BookLine("account", rows_in=100, rows_out=100),
)
FOUND = (FindingCount("MAP301", "reference_dangling", "warning", 5),)


@pytest.mark.parametrize(
    ("measure", "limit", "object_", "passed"),
    [
        ("rejected", "2%", None, True),
        ("rejected", "1.4%", None, False),
        ("rejected", "1.5%", None, True),
        ("rejected", "2%", "contact", False),
        ("rejected", 3, "contact", True),
        ("rejected", 2, "contact", False),
        ("flagged", "0%", "account", True),
        ("flagged", "0%", None, False),
        ("rejected", 0, "lead", True),
        ("MAP301", 5, None, True),
        ("MAP301", 4, None, False),
        ("MAP302", 0, None, True),
    ],
)
def test_a_gate(measure, limit, object_, passed):
    (result,) = check_gates([Gate("g", measure, parse_limit(limit), object_)], BOOKS, FOUND)
    assert result.passed is passed, result


def test_what_is_told():
    (result,) = check_gates([Gate("max_rejected", "rejected", parse_limit("2%"))], BOOKS, ())
    assert (result.limit, result.actual) == ("2%", "3 of 200 (1.50%)")


@pytest.mark.parametrize("wrong", ["", "two", "-1", "-1%", 1.5, "101%", True, None, []])
def test_what_is_no_limit(wrong):
    with pytest.raises(ValueError):
        parse_limit(wrong)
