"""What the target has no place for: whole objects, fields, and values it cannot keep."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crmmigrate.model.counting import counted
from crmmigrate.stages.context import StageContext
from crmmigrate.stages.desired import Desired
from crmmigrate.stages.target import Crm
from crmmigrate.store.artifacts import parts, units

__all__ = ["Places"]

_SHOWN = 12
_CANNOT = "the target cannot keep it as it is"


@dataclass(frozen=True)
class Places:
    """What stays out of the target, and why.

    Attributes:
        objects: Object → records and reason.
        values: Object → field → values and reason.
    """

    objects: Mapping[str, tuple[int, str]]
    values: Mapping[str, Mapping[str, tuple[int, str]]]

    @classmethod
    def of(cls, ctx: StageContext, crm: Crm, desired: Desired) -> "Places":
        """Sum up what a plan has seen."""
        homeless = {
            o: (_rows(ctx, o), crm.homeless[o])
            for o in ctx.project.model.load_order
            if o in set(units(ctx.run.dir, "validate")) and not crm.has_place(o)
        }
        values = {}
        for object_, lost in desired.lost.items():
            why = crm.wordless(object_) | crm.left_out(object_)
            told = {f: (n, why.get(f, _CANNOT)) for f, n in sorted(lost.items()) if n}
            if told:
                values[object_] = told
        return cls({o: told for o, told in homeless.items() if told[0]}, values)

    @property
    def codes(self) -> dict[str, int]:
        """Findings by code."""
        return {
            "PLN502": sum(n for told in self.values.values() for n, _ in told.values()),
            "PLN503": sum(n for n, _ in self.objects.values()),
        }

    def notes(self) -> Iterator[str]:
        """Yield a line for each object and field, the largest first."""
        for object_, (rows, why) in self.objects.items():
            yield f"{object_}: {counted(rows, 'record has', 'records have')} no place in the target: {why}"
        listed = sorted(
            (
                (n, f"{o}.{f}", why)
                for o, told in self.values.items()
                for f, (n, why) in told.items()
            ),
            key=lambda line: (-line[0], line[1]),
        )
        for number, name, why in listed[:_SHOWN]:
            yield f"{name}: {counted(number, 'value has', 'values have')} no place in the target: {why}"
        if len(listed) > _SHOWN:
            yield f"and {len(listed) - _SHOWN} more fields with values that have no place"

    def facts(self) -> dict[str, object]:
        """Return the same for programs."""
        if not self.objects and not self.values:
            return {}
        return {
            "homeless": {o: {"records": n, "why": w} for o, (n, w) in self.objects.items()},
            "left_out": {
                o: {f: {"values": n, "why": w} for f, (n, w) in told.items()}
                for o, told in self.values.items()
            },
        }


def _rows(ctx: StageContext, object_: str) -> int:
    return sum(p.height for p in parts(ctx.run.dir, "validate", object_, "rows", ["_key"]))
