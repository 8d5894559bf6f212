"""Turn the report document into one HTML page that needs nothing else.

Values are escaped by jinja2's autoescape; there is no script, and no address is fetched.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crmmigrate.model.counting import counted
from crmmigrate.report.charts import Segment, draw_bar, draw_histogram, draw_waterfall
from crmmigrate.report.contract import FunnelLine, QualityLine, ReportDocument

__all__ = ["page_environment", "render_page"]

_LIMITS = (200, 80, 30, 10)
"""Most lines of a table, tried in turn until the page is small enough."""
_MOST_BYTES = 900_000
_MOST_SHOWN = 160
_FUNNEL = (
    ("created", "created", "good"),
    ("updated", "updated", "updated"),
    ("unchanged", "already there", "unchanged"),
    ("merged", "merged", "merged"),
    ("pending", "not loaded yet", "open"),
    ("held", "waits for a decision", "review"),
    ("excluded", "set aside", "aside"),
    ("rejected", "rejected", "bad"),
    ("failed", "refused by the CRM", "failed"),
    ("unmapped", "not mapped", "unmapped"),
    ("unaccounted", "unaccounted", "lost"),
)
"""Attribute of a funnel line, words, colour; in the order of the bar."""


def render_page(document: ReportDocument) -> str:
    """Return the page as HTML, in less than a megabyte; long tables are cut, and say so."""
    template = page_environment().get_template("index.html.j2")
    page = ""
    for limit in _LIMITS:
        page = template.render(report=document, limit=limit)
        if len(page.encode()) <= _MOST_BYTES:
            break
    return page


@cache
def page_environment() -> Environment:
    """Return the templates with the filters they use."""
    environment = Environment(
        loader=PackageLoader("crmmigrate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "grouped": format_count,
        "share": format_share,
        "words": _words,
        "clip": _clip,
        "by_object": _by_object,
        "duration": _duration,
        "plural": counted,
        "ticks": _ticks,
    }
    environment.globals |= {
        "funnel_bar": _funnel_bar,
        "funnel_legend": _FUNNEL,
        "funnel_sum": _funnel_sum,
        "quality_bar": _quality_bar,
        "quality_sum": _quality_sum,
        "busiest": _busiest,
        "sizes": _sizes,
        "histogram": draw_histogram,
        "waterfall": draw_waterfall,
    }
    return environment


def format_count(number: int) -> str:
    """Return a number with groups, e.g. 12,345."""
    return f"{number:,}"


def format_share(part: int, whole: int) -> str:
    """Return a share in percent that never rounds to 100 or to 0 what is not.

    >>> format_share(9999, 10000), format_share(1, 10000), format_share(1, 4), format_share(0, 0)
    ('99.9 %', '0.1 %', '25 %', '–')
    """
    if not whole:
        return "–"
    tenths = round(part * 1000 / whole)
    if part < whole:
        tenths = min(tenths, 999)
    if part:
        tenths = max(tenths, 1)
    return f"{tenths / 10:g} %"


def _words(name: str) -> str:
    text = name.replace("_", " ").replace(".", " ")
    return text[:1].upper() + text[1:]


def _clip(text: str | None) -> str:
    whole = text or ""
    return whole if len(whole) <= _MOST_SHOWN else f"{whole[:_MOST_SHOWN]}…"


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def _ticks(text: str) -> Markup:
    """Show what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _sizes(counts: Mapping[str, int]) -> str:
    """Say how many groups there are of each size."""
    return " · ".join(f"{counted(n, 'group')} of {size}" for size, n in counts.items())


def _by_object(lines: Iterable[QualityLine]) -> list[tuple[str, list[QualityLine]]]:
    return [(name, list(group)) for name, group in groupby(lines, key=lambda line: line.object)]


def _funnel_bar(line: FunnelLine) -> str:
    segments = [Segment(words, getattr(line, name), colour) for name, words, colour in _FUNNEL]
    return draw_bar(segments, f"{line.source} {line.dataset} {line.object}")


def _funnel_sum(lines: Sequence[FunnelLine]) -> FunnelLine:
    """Add up lines: what the total row shows."""
    names = ("rows", *(name for name, _, _ in _FUNNEL))
    sums = {name: sum(getattr(line, name) for line in lines) for name in names}
    return FunnelLine(source="", dataset="", object="", **sums)


def _quality_sum(lines: Sequence[QualityLine]) -> QualityLine:
    """Add up the fields of an object: what its summary shows."""
    names = ("records", "filled", "sound_before", "sound_after", "changed", "flagged")
    sums = {name: sum(getattr(line, name) for line in lines) for name in names}
    first = lines[0]
    label = first.object.replace("_", " ")
    return first.model_copy(update={**sums, "label": label})


def _busiest(lines: Sequence[QualityLine]) -> str:
    """Return the object with the most changes, which is shown open."""
    sums = [_quality_sum(group) for _, group in _by_object(lines)]
    return max(sums, key=lambda line: line.changed + line.flagged).object


def _quality_bar(line: QualityLine) -> str:
    repaired = max(line.sound_after - line.sound_before, 0)
    segments = [
        Segment("already in standard form", line.sound_before, "before"),
        Segment("brought into standard form", repaired, "good"),
        Segment("to look at", max(line.filled - line.sound_after, 0), "review"),
        Segment("empty", max(line.records - line.filled, 0), "empty"),
    ]
    return draw_bar(segments, line.label)
