"""The page is one file, offline, escaped, accessible, small and free of personal values."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from crmmigrate.report.contract import FindingLine, FunnelLine, Sample
from crmmigrate.report.document import build_document
from crmmigrate.report.page import format_share, render_page

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
VOID = {"meta", "br", "rect", "line", "path", "circle", "link", "img", "hr"}


class Reader(HTMLParser):
    """Collect what the tests ask about, and check that tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.counts: dict[str, int] = {}

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, f"</{tag}> closes nothing"


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


@pytest.fixture
def html(made) -> str:
    return render_page(build_document(made.project, made.run, NOW))


@pytest.mark.parametrize("steps", range(7))
def test_the_page_renders_wherever_the_run_stopped(make, steps):
    made = make(steps)
    reader = read(render_page(build_document(made.project, made.run, NOW)))
    assert reader.counts["h1"] == 1


def test_hostile_values_are_escaped(html):
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in html


def test_personal_values_do_not_appear(html):
    for secret in ("722123456", "722 123 456", "ana@example", "Popescu", "POPESCU", "Kjærstad"):
        assert secret not in html


def test_nothing_is_fetched_and_nothing_runs(html):
    addresses = re.findall(r"""(?:https?:)?//[^\s"'<>]+|@import|url\(""", html)
    assert addresses == []
    for tag, attributes in read(html).tags:
        assert tag not in {"script", "link", "img", "iframe", "object", "base", "form"}
        assert not any(name.startswith("on") for name in attributes)
        assert not {"src", "srcset", "action"} & attributes.keys()
        assert attributes.get("href", "#").startswith("#")


def test_links_lead_somewhere(html):
    tags = read(html).tags
    ids = [a["id"] for _, a in tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {a["href"].removeprefix("#") for _, a in tags if a.get("href")}
    wanted |= {a["aria-labelledby"] for _, a in tags if "aria-labelledby" in a}
    assert wanted <= set(ids)


def test_it_is_accessible(html):
    reader = read(html)
    assert reader.counts["caption"] == reader.counts["table"]
    for tag, attributes in reader.tags:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert attributes["aria-label"]
        if tag == "th":
            assert attributes["scope"] in {"row", "col"}
    assert ("html", {"lang": "en"}) in reader.tags
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("ink", "paper"),
        ("ink", "card"),
        ("soft", "paper"),
        ("soft", "wash"),
        ("accent", "paper"),
        ("good", "good-wash"),
        ("warn", "warn-wash"),
        ("bad", "bad-wash"),
        ("open", "open-wash"),
    ],
)
def test_text_has_contrast_in_light_and_dark(html, scheme, ink, paper):
    block = re.findall(r":root \{(.*?)\}", html, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    bright, dark = sorted((luminance(colours[ink]), luminance(colours[paper])), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def test_a_huge_report_stays_below_a_megabyte(made):
    report = build_document(made.project, made.run, NOW)
    sample = Sample(
        key="k" * 5000, field="f", before="b" * 100, after="a" * 100, message="m" * 5000
    )
    findings = tuple(
        FindingLine(
            code=f"C{i}", name="n", severity="error", stage="map", count=1, samples=(sample,) * 4
        )
        for i in range(3000)
    )
    funnel = tuple(
        FunnelLine(source="s" * 500, dataset="d" * 5000, object="contact", rows=1, created=1)
        for _ in range(3000)
    )
    huge = report.model_copy(update={"findings": findings, "funnel": funnel})
    page = render_page(huge)
    assert len(page.encode()) < 1_000_000
    read(page)


def test_shares_never_round_to_all_or_nothing():
    assert format_share(9999, 10000) == "99.9 %"
    assert format_share(1, 10000) == "0.1 %"
    assert format_share(10, 10) == "100 %"
    assert format_share(0, 10) == "0 %"
    assert format_share(0, 0) == "–"
