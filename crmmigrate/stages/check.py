"""Check a project against its sources, as far as they can be reached without network."""

from collections.abc import Iterator, Mapping, Sequence

from crmmigrate.adapters.registry import open_source
from crmmigrate.config.project import Project
from crmmigrate.errors import CrmMigrateError
from crmmigrate.mapping.coverage import check_columns
from crmmigrate.model.catalog import Catalog, Dataset
from crmmigrate.stages.inputs import absent_inputs

__all__ = ["check_columns_of"]

_Problem = tuple[str, str]
"""Where, and what is wrong."""


def check_columns_of(project: Project) -> tuple[Sequence[_Problem], Mapping[str, str]]:
    """Compare every mapping with the columns of its dataset.

    Returns:
        Problems, and the sources that were not looked at with the reason: a server, or files
        of which none is there, as on a CI machine without the data.
    """
    problems: list[_Problem] = list(_without_mappings(project))
    unreached: dict[str, str] = {}
    for name, config in project.migration.sources.items():
        options = {"adapter": config.adapter, **config.reader_options(project.root)}
        reason = absent_inputs(options, project.root)
        if reason:
            unreached[name] = reason
            continue
        try:
            catalog = open_source(options, project.root).describe()
        except CrmMigrateError as exc:
            problems.append((exc.where or f"migration.yaml: sources.{name}", exc.message))
            continue
        problems += _source_problems(project, name, catalog)
    return problems, unreached


def _without_mappings(project: Project) -> Iterator[_Problem]:
    if project.migration.sources and not project.mappings:
        names = ", ".join(project.migration.mappings)
        yield "migration.yaml: mappings", f"no mapping file is there: {names}"


def _source_problems(project: Project, name: str, catalog: Catalog) -> Iterator[_Problem]:
    for dataset_name, config in project.migration.sources[name].datasets.items():
        place = f"migration.yaml: sources.{name}.datasets.{dataset_name}"
        dataset = catalog.dataset(dataset_name)
        if dataset is None:
            yield place, f"the source '{name}' has no dataset '{dataset_name}'"
            continue
        modified = (config.modified_at,) if config.modified_at else ()
        yield from _lacking(place, dataset, (*config.key, *modified))
        for mapping in project.mappings:
            if (mapping.source, mapping.dataset) == (name, dataset_name):
                yield from check_columns(mapping, dataset)


def _lacking(place: str, dataset: Dataset, wanted: Sequence[str]) -> Iterator[_Problem]:
    columns = [c.name for c in dataset.columns]
    for column in wanted:
        if column not in columns:
            yield place, f"there is no column '{column}'; known are {', '.join(columns)}"
