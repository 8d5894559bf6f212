"""Draw charts as inline SVG: they take their colours from the page's style sheet.

Each chart carries a title for screen readers; the figures it shows also stand in the text
or a table beside it. Colours are classes (`c-good`, `c-merged` …), never values.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from crmmigrate.report.contract import Contribution, Histogram

__all__ = ["Segment", "draw_bar", "draw_histogram", "draw_waterfall"]

_WIDTH = 460
_VISIBLE = 0.05
"""A rest smaller than this is rounding."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a stacked bar: what it is called, how many, and its colour class."""

    label: str
    count: int
    colour: str


def draw_bar(segments: Sequence[Segment], title: str, height: int = 12) -> Markup:
    """Draw one stacked horizontal bar as wide as its container."""
    total = sum(s.count for s in segments)
    drawn, x = Markup(), 0.0
    for segment in segments:
        if not segment.count:
            continue
        width = max(segment.count / total * 1000, 3.0)
        drawn += Markup('<rect class="c-{}" x="{:.1f}" y="0" width="{:.1f}" height="10"/>').format(
            segment.colour, x, width
        )
        x += width
    words = ", ".join(f"{s.label} {s.count:,}" for s in segments if s.count) or "nothing"
    return Markup(
        '<svg class="bar" role="img" aria-label="{}" viewBox="0 0 {:.1f} 10" height="{}"'
        ' preserveAspectRatio="none"><title>{}</title>{}</svg>'
    ).format(f"{title}: {words}", max(x, 1.0), height, words, drawn)


def draw_histogram(
    histogram: Histogram, match: float | None, review: float | None, title: str
) -> Markup:
    """Draw candidate pairs by score, stacked by judgement, with the thresholds.

    Bars are scaled by the square root of their counts, so that the few uncertain pairs between
    the many clear ones can be seen; the counts stand in the tool tips.
    """
    left, top, height, plot = 8, 26, 130, _WIDTH - 16
    edges = histogram.edges
    stacks = list(zip(histogram.no_match, histogram.review, histogram.match, strict=True))
    tallest = max((sum(stack) for stack in stacks), default=0) or 1
    step = plot / len(stacks)
    bars = Markup()
    for index, stack in enumerate(stacks):
        whole = (sum(stack) / tallest) ** 0.5 * height
        y = float(top + height)
        for count, colour in zip(stack, ("apart", "review", "merged"), strict=True):
            if not count:
                continue
            piece = max(whole * count / sum(stack), 1.5)
            y -= piece
            tip = f"score {edges[index]:g} to {edges[index + 1]:g}: {count:,}"
            bars += Markup(
                '<rect class="c-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}">'
                "<title>{}</title></rect>"
            ).format(colour, left + index * step + 0.75, y, max(step - 1.5, 1), piece, tip)
    axis = _axis(edges, left, plot, top + height)
    marks = Markup()
    if review is not None and review != match:
        marks += _threshold(review, edges, (left, plot), (2, top + height), "review")
    if match is not None:
        marks += _threshold(match, edges, (left, plot), (14, top + height), "merge")
    return _figure(title, top + height + 20, bars + axis + marks)


def _axis(edges: Sequence[float], left: float, plot: float, base: float) -> Markup:
    line = Markup('<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
        left, left + plot, base, base
    )
    places = ((edges[0], "start"), ((edges[0] + edges[-1]) / 2, "middle"), (edges[-1], "end"))
    labels = (
        Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            _place(value, edges, left, plot), base + 15, anchor, f"{value:.4g}"
        )
        for value, anchor in places
    )
    return line + Markup().join(labels)


def _threshold(
    value: float,
    edges: Sequence[float],
    across: tuple[float, float],
    down: tuple[float, float],
    label: str,
) -> Markup:
    x = _place(value, edges, *across)
    right = x > _WIDTH * 0.66
    return Markup(
        '<line class="mark" x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}"/>'
        '<text x="{3:.1f}" y="{4}" text-anchor="{5}">{6} from {7:g}</text>'
    ).format(
        x,
        down[0],
        down[1],
        x - 5 if right else x + 5,
        down[0] + 9,
        "end" if right else "start",
        label,
        round(value, 2),
    )


def _place(value: float, edges: Sequence[float], left: float, plot: float) -> float:
    span = (edges[-1] - edges[0]) or 1.0
    return left + min(max((value - edges[0]) / span, 0.0), 1.0) * plot


def draw_waterfall(contributions: Sequence[Contribution], score: float, title: str) -> Markup:
    """Draw how each feature moves the score of a pair, from nothing to the sum.

    What the features do not explain (evidence counted once, the odds beforehand) is the last
    step before the score.
    """
    steps = [(c.feature, c.weight) for c in contributions if c.weight]
    rest = score - sum(weight for _, weight in steps)
    if steps and abs(rest) >= _VISIBLE:
        steps.append(("overlap and odds", rest))
    sums = [0.0]
    for _, weight in steps:
        sums.append(sums[-1] + weight)
    low, high = min(0.0, score, *sums), max(0.0, score, *sums)
    label, row, plot = 136, 24, _WIDTH - 136 - 64

    def place(value: float) -> float:
        return label + (value - low) / ((high - low) or 1.0) * plot

    drawn = Markup('<line class="axis" x1="{0:.1f}" x2="{0:.1f}" y1="0" y2="{1}"/>').format(
        place(0.0), row * (len(steps) + 1)
    )
    for index, (feature, weight) in enumerate(steps):
        bounds = (place(sums[index]), place(sums[index + 1]))
        colour = "good" if weight > 0 else "bad"
        drawn += _step(feature, weight, bounds, index * row, colour)
    drawn += _step("score", score, (place(0.0), place(score)), len(steps) * row, "merged")
    return _figure(title, row * (len(steps) + 1) + 4, drawn)


def _step(name: str, weight: float, bounds: tuple[float, float], y: int, colour: str) -> Markup:
    start, end = min(bounds), max(bounds)
    short = name.replace("_", " ").replace(".", " ")
    short = short if len(short) <= 18 else f"{short[:17]}…"
    return Markup(
        '<text x="0" y="{}">{}</text>'
        '<rect class="c-{}" x="{:.1f}" y="{}" width="{:.1f}" height="14" rx="2"/>'
        '<text class="figure" x="{}" y="{}" text-anchor="end">{:+.1f}</text>'
    ).format(y + 15, short, colour, start, y + 4, max(end - start, 1.5), _WIDTH, y + 15, weight)


def _figure(title: str, height: float, drawn: Markup) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-label="{0}" viewBox="0 0 {1} {2:.0f}">'
        "<title>{0}</title>{3}</svg>"
    ).format(escape(title), _WIDTH, height, drawn)
