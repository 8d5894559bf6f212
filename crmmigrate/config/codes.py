"""Read the documented rules: `crmmigrate/model/codes/*.yaml`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

from pydantic import Field, field_validator

from crmmigrate.config.yaml import ClosedModel, line_of, read_yaml, validate_model
from crmmigrate.errors import ConfigError
from crmmigrate.model.findings import Rule, Severity

__all__ = ["RuleSpec", "load_rules", "read_rules"]


class RuleSpec(ClosedModel):
    """One rule as written in YAML."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    severity: Severity
    doc: str = Field(min_length=1)
    hint: str = ""
    cases: list[tuple[str, str]] = Field(default=[])

    @field_validator("cases", mode="before")
    @classmethod
    def _as_text(cls, cases: object) -> object:
        if not isinstance(cases, list):
            return cases
        return [
            ["" if v is None else str(v) for v in c] if isinstance(c, list) else c for c in cases
        ]


def load_rules() -> Mapping[str, Rule]:
    """Return every rule by its code, in the order of the codes; read once a process.

    Raises:
        ConfigError: a file is wrong, or a code or name is used twice.
    """
    return _packaged()


@cache
def _packaged() -> Mapping[str, Rule]:
    return read_rules(Path(str(files("crmmigrate.model").joinpath("codes"))))


def read_rules(folder: Path) -> Mapping[str, Rule]:
    """Read all files of rules in a folder; see `load_rules`."""
    rules: dict[str, Rule] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_yaml(path) or {}
        for code, body in document.items():
            where = f"{path.name}:{line_of(document, (code,))}"
            spec = validate_model(body, RuleSpec, f"codes/{path.name}")
            for used in (code, spec.name):
                if used in places:
                    raise ConfigError(
                        f"'{used}' is used twice; first at {places[used]}", where=where
                    )
                places[used] = where
            rules[code] = _rule(code, spec)
    return MappingProxyType(dict(sorted(rules.items())))


def _rule(code: str, spec: RuleSpec) -> Rule:
    return Rule(
        code=code,
        name=spec.name,
        severity=spec.severity,
        doc=" ".join(spec.doc.split()),
        hint=" ".join(spec.hint.split()),
        cases=tuple((before, after) for before, after in spec.cases),
    )
