"""One line of an address made of street and house number, and taken apart again."""

import re

__all__ = ["join_street", "split_street"]

_NUMBER = r"\d+(?:\s?[A-Za-z])?(?:\s?[-/]\s?\d+\s?[A-Za-z]?)*"
_BEFORE = re.compile(rf"^(?P<number>{_NUMBER})\s+(?P<street>\D.*)$", re.DOTALL)
_NUMBER_FIRST = frozenset(
    ["AU", "CA", "FR", "GB", "IE", "IN", "LU", "MA", "MY", "NZ", "SG", "TH", "US", "ZA"]
)
"""Countries that write the number first; rules of the Universal Postal Union."""


def join_street(street: str | None, number: str | None, country: str | None) -> str | None:
    """Return both in the order of the country, or in a form that can be taken apart."""
    if not street or not number:
        return street or number
    for line in _layouts(street, number, country):
        if split_street(line, country) == (street, number):
            return line
    return f"{street}, {number}"


def split_street(line: str | None, country: str | None) -> tuple[str | None, str | None]:
    """Return street and house number of a line; the number is None where there is none."""
    if not line:
        return None, None
    street, comma, number = line.rpartition(", ")
    if comma and street and len(number) <= 20 and re.search(r"\d", number):
        return street, number
    if (country or "") in _NUMBER_FIRST:
        found = _BEFORE.match(line)
        return (found["street"], found["number"]) if found else (line, None)
    found = re.match(rf"^(?P<street>.*\D)\s(?P<number>{_NUMBER})$", line, re.DOTALL)
    return (found["street"], found["number"]) if found else (line, None)


def _layouts(street: str, number: str, country: str | None) -> tuple[str, ...]:
    if (country or "") in _NUMBER_FIRST:
        return (f"{number} {street}", f"{street}, {number}")
    return (f"{street} {number}", f"{street}, {number}")
