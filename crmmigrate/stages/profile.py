"""Look at the extracted columns: fill, distinct values, shapes, likely meaning."""

from functools import reduce

from crmmigrate.errors import UsageError
from crmmigrate.quality.profile import ColumnProfile, finish, merge, partial
from crmmigrate.stages.context import Progress
from crmmigrate.store.artifacts import manifest, parts, units
from crmmigrate.store.workspace import Run

__all__ = ["profile_run"]


def profile_run(run: Run | None, progress: Progress) -> dict[str, tuple[ColumnProfile, ...]]:
    """Profile every extracted dataset of a run, part by part.

    Raises:
        UsageError: nothing has been extracted.
    """
    names = units(run.dir, "extract") if run else []
    if run is None or not names:
        raise UsageError("nothing has been extracted yet", hint="run `crmmigrate extract`")
    found = {}
    for unit in names:
        channels = manifest(run.dir, "extract", unit)["channels"]
        progress.start(f"profile {unit}", sum(e["rows"] for e in channels.get("rows", [])))
        partials = []
        for frame in parts(run.dir, "extract", unit, "rows"):
            partials.append(partial(frame))
            progress.advance(frame.height)
            partials = [reduce(merge, partials)]
        found[unit] = finish(partials[0]) if partials else ()
    progress.finish()
    return found
