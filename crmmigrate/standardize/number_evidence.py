"""What the values of one column of numbers prove together: is the point or the comma decimal?"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from crmmigrate.values.folding import to_ascii_digits

__all__ = ["DECIMAL_SIGNS", "NumberEvidence", "infer_decimal_signs", "proven_signs"]

DECIMAL_SIGNS = "decimal_signs"
"""Option of the kernel: region → the decimal sign that its values prove."""

_END = r"(?:[^\d.,]|$)"
_PROOF = r"(?:^|[^\d.,])\d+{d}\d{{1,2}}{end}|{g}\d{{3}}{d}\d|\d{g}\d{{2,3}}{g}\d{{3}}{end}|(?:^|[^\d.,])0{d}\d{{3}}{end}"


def _proof(decimal: str, group: str) -> str:
    """Return a pattern of numbers that only one decimal sign explains."""
    return _PROOF.format(d=f"[{decimal}]", g=f"[{group}]", end=_END)


_POINT, _COMMA = _proof(".", ","), _proof(",", ".")


@dataclass(frozen=True, slots=True)
class NumberEvidence:
    """What the distinct values of one column say about the decimal sign.

    Attributes:
        signs: Region → the sign that its values prove; regions that prove none are missing.
        proofs: So many distinct values prove them.
    """

    signs: Mapping[str | None, str]
    proofs: int

    @property
    def options(self) -> dict[str, object]:
        """Return the options of the kernel that this evidence settles."""
        return {DECIMAL_SIGNS: dict(self.signs)} if self.signs else {}

    @property
    def summary(self) -> str | None:
        """Say what decides the sign of the column; None where nothing does."""
        if not self.signs:
            return None
        signs = " and ".join(f"'{sign}'" for sign in sorted(set(self.signs.values())))
        values = f"{self.proofs:,} distinct value{'' if self.proofs == 1 else 's'}"
        return f"decimal sign {signs}: {values} prove it, none contradicts"

    @property
    def question(self) -> str | None:
        """Ask nothing: numbers in doubt are flagged one by one."""
        return None


def infer_decimal_signs(values: pl.DataFrame) -> NumberEvidence:
    """Weigh one column of numbers or amounts, region by region.

    Args:
        values: Distinct `text` and `region` of one column.
    """
    signs: dict[str | None, str] = {}
    proofs = 0
    known = values.drop_nulls("text")
    for (region,), part in known.partition_by("region", as_dict=True, maintain_order=True).items():
        points, commas = _count_proofs(part["text"])
        if bool(points) != bool(commas):
            signs[region] = "." if points else ","
            proofs += points + commas
    return NumberEvidence(signs, proofs)


def _count_proofs(texts: pl.Series) -> tuple[int, int]:
    """Count the values that only a decimal point, and those that only a decimal comma explains."""
    foreign = texts.str.contains(r"[\p{Nd}--0-9]")
    if foreign.any():
        others = [to_ascii_digits(text) for text in texts.filter(foreign)]
        texts = pl.concat([texts.filter(~foreign), pl.Series(texts.name, others, dtype=pl.String)])
    point, comma = texts.str.contains(_POINT), texts.str.contains(_COMMA)
    return int((point & ~comma).sum()), int((comma & ~point).sum())


def proven_signs(options: Mapping[str, object]) -> Mapping[str | None, str]:
    """Return region → decimal sign from the options of a kernel."""
    signs = options.get(DECIMAL_SIGNS)
    return signs if isinstance(signs, Mapping) else {}
