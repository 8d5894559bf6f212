"""Find packaged data: ready-made mappings, rules and the example project."""

from importlib.resources import files
from pathlib import Path

from crmmigrate.errors import ConfigError, InternalError

__all__ = ["bundled_path", "find_rules_file"]


def bundled_path(name: str) -> Path:
    """Return the path of a packaged file or folder, e.g. `rules/match/contact.yaml`.

    An installed wheel holds them in `crmmigrate/_bundled/`; a checkout in the repository root.

    Raises:
        InternalError: there is no such packaged file.
    """
    package = Path(str(files("crmmigrate")))
    for root in (package / "_bundled", package.parent):
        path = root / name
        if path.exists():
            return path
    raise InternalError(f"the packaged file '{name}' is missing", hint="reinstall crmmigrate")


def find_rules_file(project_root: Path | None, name: str) -> Path:
    """Return the file of rules that holds: explicit path → project → packaged.

    Args:
        project_root: Folder of migration.yaml; None outside a project.
        name: Path of an existing file, or a name below `rules/`, e.g. `match/contact.yaml`.

    Raises:
        ConfigError: there is no such file anywhere.
    """
    base = project_root or Path()
    for path in (base / name, base / "rules" / name):
        if path.is_file():
            return path
    try:
        return bundled_path(f"rules/{name}")
    except InternalError:
        raise ConfigError(
            "no such rules file",
            where=name,
            hint=f"write it as rules/{name} in the project, or use a packaged one",
        ) from None
