"""Start a project: migration.yaml and proposed mappings."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from ruamel.yaml import YAML

from crmmigrate.adapters.base import EXCLUDED, RAW_TEXT, REJECTED, ROW
from crmmigrate.adapters.input_files import check_file
from crmmigrate.adapters.registry import adapter_of, open_source
from crmmigrate.config.canonical import load_model
from crmmigrate.config.regions import load_region_book
from crmmigrate.errors import UsageError
from crmmigrate.mapping.suggest import propose_key, propose_mapping, propose_object
from crmmigrate.model.canonical import CanonicalModel
from crmmigrate.model.catalog import Dataset
from crmmigrate.store.files import storage_errors

__all__ = ["write_project"]

_SAMPLE = 500
_HEAD = "# A migration project; `crmmigrate schema migration` prints what may stand here.\n"
_IGNORE = ".crmmigrate/\ncrm.db*\n"


def write_project(directory: Path, sources: Sequence[str], region: str | None) -> list[Path]:
    """Write a new project.

    Args:
        directory: Its folder; made if missing.
        sources: `NAME=FILE` or `NAME=URL` each.
        region: Default region, ISO 3166-1 alpha-2.

    Returns:
        The files written.

    Raises:
        UsageError: there is a project already, or a source is not `NAME=…` or cannot be read.
    """
    _check_place(directory, region)
    model = load_model()
    entries: dict[str, object] = {}
    texts: dict[str, str] = {}
    for written in sources:
        name, place = _named(written)
        if name in entries:
            raise UsageError(
                f"the source '{name}' is named twice", hint="give each source a name of its own"
            )
        options = _options(place, directory)
        entries[name], mappings = _describe(name, options, directory, model)
        texts |= mappings
    document: dict[str, object] = {"version": 1, "name": directory.resolve().name}
    if region:
        document["region"] = region
    document["sources"] = entries or _example()
    document["target"] = {"adapter": "sqlite", "path": "crm.db"}
    objects = {text.split("object: ", 1)[1].split("\n", 1)[0] for text in texts.values()}
    if matched := {o: o for o in ("account", "contact", "lead") if o in objects}:
        document["match"] = matched
    # migration.yaml comes last: only when it is there, there is a project.
    files = {".gitignore": _IGNORE, **texts, "migration.yaml": _HEAD + _yaml(document)}
    return [_write(directory / name, text) for name, text in files.items()]


def _check_place(directory: Path, region: str | None) -> None:
    if directory.exists() and not directory.is_dir():
        raise UsageError("this is a file, not a folder", where=str(directory), hint="name a folder")
    if (directory / "migration.yaml").exists():
        raise UsageError(
            "there is a project already",
            where=str(directory / "migration.yaml"),
            hint="name another folder, or go on with: crmmigrate check",
        )
    if region and region not in load_region_book().regions:
        raise UsageError(
            f"unknown region '{region}'",
            hint="a region is a country code of two letters (ISO 3166-1), e.g. RO, NO, US",
        )


def _named(written: str) -> tuple[str, str]:
    name, sign, place = written.partition("=")
    if not sign or not name or not place:
        raise UsageError(
            f"'{written}' is not NAME=FILE or NAME=URL",
            hint="write e.g. --source shop=customers.csv",
        )
    if not re.fullmatch(r"[\w-]+", name):
        raise UsageError(
            f"'{name}' is no name for a source", hint="use letters, digits, _ and -, e.g. old_shop"
        )
    return name, place


def _options(place: str, directory: Path) -> dict[str, object]:
    """Return adapter and place; file paths as seen from the project."""
    if "://" in place:
        return {"adapter": "sql", "url": place}
    path = Path(place)
    check_file(path)
    if path.suffix.lower() in {".db", ".sqlite", ".sqlite3"}:
        return {"adapter": "sql", "url": f"sqlite:///{_seen_from(directory, path)}"}
    return {"adapter": adapter_of(path), "path": _seen_from(directory, path)}


def _seen_from(directory: Path, path: Path) -> str:
    whole, root = path.resolve(), directory.resolve()
    return str(whole.relative_to(root)) if whole.is_relative_to(root) else str(whole)


def _describe(
    name: str, options: dict[str, object], directory: Path, model: CanonicalModel
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the entry of a source and the texts of its mapping files."""
    source = open_source({**options, "datasets": {}}, directory)
    datasets: dict[str, object] = {}
    ignored: dict[str, object] = {}
    texts = {}
    for dataset in source.describe().datasets:
        own: dict[str, object] = {}
        if options["adapter"] == "sql":
            own["table"] = dataset.name
        short = dataset.name.replace(" ", "_")
        sample = _sample(source.read(dataset.name))
        names = [c.name for c in dataset.columns]
        object_ = propose_object(short, names, model)
        proposed = None if dataset.key else propose_key(short, names, sample)
        key = (proposed,) if proposed else dataset.key
        own |= {"key": list(key)} if key else {}
        described = Dataset(short, dataset.columns, key)
        text = propose_mapping(described, sample, model, source=name, object_=object_)
        if "fields: {}" in text:
            ignored[dataset.name] = "not decided yet: no column looks like a field"
            continue
        datasets[short] = own
        texts[f"mappings/{name}_{short}.yaml"] = text
    return {**options, "datasets": datasets, **({"ignore": ignored} if ignored else {})}, texts


def _sample(batches: object) -> pl.DataFrame:
    for batch in batches:  # type: ignore[attr-defined]
        frame = pl.from_arrow(batch)
        if isinstance(frame, pl.DataFrame):
            marks = [c for c in (ROW, REJECTED, EXCLUDED, RAW_TEXT) if c in frame.columns]
            return frame.head(_SAMPLE).drop(marks)
    return pl.DataFrame()


def _example() -> dict[str, object]:
    """Return a source to be edited, where none was named."""
    return {"legacy": {"adapter": "csv", "path": "data", "datasets": {}}}


def _yaml(document: dict[str, object]) -> str:
    stream = io.StringIO()
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.dump(document, stream)
    return stream.getvalue()


def _write(path: Path, text: str) -> Path:
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path
