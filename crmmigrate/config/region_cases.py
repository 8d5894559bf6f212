"""Cases of a region file: what a value becomes by the rules of its region.

They stand in the file itself, under `cases`, by kind of value or part of it, so that whoever writes
a rule can show what it is for::

    cases:
      phone: [["0722 123 456", "+40722123456"]]
      organization.legal_form: [["Acme S.R.L.", SRL]]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from crmmigrate.config.suggestions import did_you_mean
from crmmigrate.config.yaml import line_of, read_yaml
from crmmigrate.model.semantic import PARTS, SemanticType

__all__ = ["CaseLists", "RegionCase", "read_cases"]


def _is_pair(case: list[str]) -> list[str]:
    if len(case) != 2:
        raise ValueError(f"a case is [input, expected], not {len(case)} texts")
    return case


def _are_kinds(cases: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
    for name in cases:
        kind, _, part = name.partition(".")
        kinds = [str(known) for known in SemanticType]
        if kind not in kinds:
            raise ValueError(f"'{kind}' is no kind of value{did_you_mean(kind, kinds)}")
        parts = PARTS.get(SemanticType(kind), ())
        if part and part not in parts:
            raise ValueError(f"'{kind}' has no part '{part}'{did_you_mean(part, parts)}")
    return cases


CaseLists = Annotated[
    dict[str, list[Annotated[list[str], AfterValidator(_is_pair)]]], AfterValidator(_are_kinds)
]
"""Kind of value, or kind.part → pairs of input and what is expected."""


@dataclass(frozen=True, slots=True)
class RegionCase:
    """One case of a region file.

    Attributes:
        kind: Kind of value.
        part: Part that is looked at; empty for the value itself.
        given: Text of the cell.
        expected: What it must become; a value that cannot be read stays as it is.
        where: `file:line`.
    """

    kind: SemanticType
    part: str
    given: str
    expected: str
    where: str


def read_cases(path: Path, *, shown: str | None = None) -> Iterator[RegionCase]:
    """Yield the cases of a region file that was found to be right.

    Args:
        path: The file.
        shown: How the path is shown; the path itself by default.
    """
    document = read_yaml(path, shown=shown) or {}
    for name, pairs in document.get("cases", {}).items():
        kind, _, part = str(name).partition(".")
        for at, (given, expected) in enumerate(pairs):
            line = line_of(document, ("cases", name, at))
            where = f"{shown or path}:{line}"
            yield RegionCase(SemanticType(kind), part, str(given), str(expected), where)
