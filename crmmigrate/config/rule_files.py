"""Read the rule files that a migration names or that are packaged for its objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from crmmigrate.config.bundled import bundled_path, find_rules_file
from crmmigrate.config.names import MIGRATION_FILE
from crmmigrate.config.problems import Problems
from crmmigrate.config.yaml import line_of
from crmmigrate.errors import ConfigError

__all__ = ["Reader", "RuleFiles", "shown_path"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads one file of rules."""

    def __call__(self, path: Path, *, shown: str | None = None) -> T_co:
        """Return the rules of the file; `shown` is how errors name it."""
        ...


def shown_path(path: Path, root: Path) -> str:
    """Return a path as messages show it: relative to the project if it is inside."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


@dataclass(frozen=True)
class RuleFiles:
    """The rule files of a project.

    Attributes:
        root: Folder of the project.
        document: migration.yaml with its line numbers.
        problems: Takes what is wrong.
    """

    root: Path
    document: Any
    problems: Problems

    def place(self, kind: str, object_: str) -> str:
        """Return file:line where migration.yaml names the rules of an object."""
        return f"{MIGRATION_FILE}:{line_of(self.document, (kind, object_))}"

    def read(
        self, kind: str, objects: Iterable[str], named: Mapping[str, str], read: Reader[T]
    ) -> Mapping[str, T]:
        """Read one kind of rules for some objects.

        Args:
            kind: Folder below `rules/`, e.g. `match`; also the key of migration.yaml.
            objects: Objects that want rules.
            named: Object → name of its rules; an object without a name takes those named like
                it, if there are any.
            read: Reads a file.
        """
        found: dict[str, T] = {}
        for object_ in objects:
            name = named.get(object_, object_)
            file = name if name.endswith((".yaml", ".yml")) else f"{kind}/{name}.yaml"
            try:
                path = find_rules_file(self.root, file)
            except ConfigError:
                if object_ in named:
                    message = f"{kind}.{object_}: there are no rules '{file}'{_packaged(kind)}"
                    self.problems.add(self.place(kind, object_), message)
                continue
            try:
                found[object_] = read(path, shown=shown_path(path, self.root))
            except ConfigError as exc:
                self.problems.absorb(exc)
        return MappingProxyType(found)


def _packaged(kind: str) -> str:
    names = sorted(path.stem for path in bundled_path(f"rules/{kind}").glob("*.yaml"))
    return f"; packaged are {', '.join(names)}" if names else ""
