"""Charts are well-formed, escaped, labelled, and draw what they are given."""

import re
from xml.etree import ElementTree as ET

import polars as pl
import pytest
from markupsafe import escape

from crmmigrate.report.charts import Segment, draw_bar, draw_histogram, draw_waterfall
from crmmigrate.report.contract import Contribution, Histogram
from crmmigrate.report.document import build_document
from crmmigrate.report.duplicates import duplicate_sections
from crmmigrate.report.page import render_page

HOSTILE = '"><script>alert(1)</script>'


def rects(svg) -> list[ET.Element]:
    root = ET.fromstring(str(svg))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"]
    return [node for node in root.iter() if node.tag == "rect"]


def contribution(feature, weight) -> Contribution:
    return Contribution(feature=feature, value_a=None, value_b=None, level="", weight=weight)


def test_a_bar_shows_shares():
    svg = draw_bar([Segment("a", 3, "good"), Segment("b", 0, "bad"), Segment("c", 1, "open")], "t")
    drawn = rects(svg)
    assert [r.attrib["class"] for r in drawn] == ["c-good", "c-open"]
    assert [float(r.attrib["width"]) for r in drawn] == [750, 250]


def test_what_is_rare_can_still_be_seen():
    drawn = rects(draw_bar([Segment("a", 10**9, "good"), Segment("b", 1, "bad")], "t"))
    assert float(drawn[1].attrib["width"]) >= 3


def test_an_empty_bar_says_nothing():
    assert rects(draw_bar([Segment("a", 0, "good")], "t")) == []
    assert "nothing" in draw_bar([], "t")


def test_a_histogram_stacks_judgements_and_marks_thresholds():
    histogram = Histogram(edges=(-5, 0, 5), match=(0, 8), review=(1, 0), no_match=(3, 0))
    svg = draw_histogram(histogram, 0.4, -2.0, "t")
    assert [r.attrib["class"] for r in rects(svg)] == ["c-apart", "c-review", "c-merged"]
    assert "merge from 0.4" in svg
    assert "review from -2" in svg
    heights = [float(r.attrib["height"]) for r in rects(svg)]
    assert heights[2] > heights[0] > heights[1]


@pytest.mark.parametrize("weights", [[8.0, 6.2], [-3.0], [5.0, -9.0, 2.0], [], [0.0]])
def test_a_waterfall_ends_at_the_score(weights):
    score = 4.0
    svg = draw_waterfall([contribution(f"f{i}", w) for i, w in enumerate(weights)], score, "t")
    shown = re.findall(r'class="figure"[^>]*>([-+][\d.]+)<', str(svg))
    assert float(shown[-1]) == score
    steps = [float(s) for s in shown[:-1]]
    assert not steps or abs(sum(steps) - score) < 0.11 * len(steps)
    for rect in rects(svg):
        assert 0 <= float(rect.attrib["x"]) <= 460
        assert float(rect.attrib["x"]) + float(rect.attrib["width"]) <= 462


def test_names_are_escaped():
    for svg in (
        draw_bar([Segment(HOSTILE, 1, "good")], HOSTILE),
        draw_waterfall([contribution(HOSTILE, 1.0)], 1.0, HOSTILE),
        draw_histogram(
            Histogram(edges=(0, 1), match=(1,), review=(0,), no_match=(0,)), None, None, HOSTILE
        ),
    ):
        assert "<script" not in svg
        assert str(escape(HOSTILE)) in svg
        rects(svg)


def test_scores_that_are_no_numbers_do_no_harm(made):
    folder = made.run.dir / "dedupe" / "contact"
    part = next(folder.glob("pairs-*.parquet"))
    frame = pl.read_parquet(part)
    odd = pl.Series("score", [float("nan"), float("inf"), float("-inf")])
    frame.with_columns(odd).write_parquet(part)
    manifest = (folder / "manifest.json").read_text()
    listed = re.search(r'"name": "pairs-00000.parquet",\s*"rows": 3,\s*"bytes": (\d+)', manifest)
    assert listed
    patched = manifest.replace(listed[0], listed[0].replace(listed[1], str(part.stat().st_size)))
    (folder / "manifest.json").write_text(patched)
    project = made.project
    (section,) = duplicate_sections(made.run.dir, project.model, project.match_rules, project.rules)
    assert section.histogram is None
    assert section.match_threshold is None
    assert section.examples == ()
    from datetime import UTC, datetime

    assert "Duplicates" in render_page(build_document(project, made.run, datetime.now(UTC)))
