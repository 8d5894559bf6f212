"""Plain text as the rich text of Odoo, and back."""

import html
import re
from html.parser import HTMLParser

__all__ = ["html_of", "text_of"]

_BLOCKS = frozenset(
    {"address", "article", "blockquote", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul"}
)
_SILENT = frozenset({"head", "script", "style", "title"})
_RUN = re.compile(r"[ \t\r\n\f]+")


def html_of(text: str) -> str:
    """Return text as one paragraph whose lines and blanks stay as they are."""
    lines = re.split(r"\r\n|\r|\n", text)
    return f"<p>{'<br>'.join(_spaced(html.escape(line, quote=False)) for line in lines)}</p>"


def _spaced(line: str) -> str:
    """Keep runs of blanks, and blanks at the ends, which HTML would swallow."""
    kept = re.sub(r"  +", lambda run: " " + "\u00a0" * (len(run[0]) - 1), line.replace("\t", " "))
    kept = re.sub(r"^ ", "\u00a0", kept)
    return re.sub(r" $", "\u00a0", kept)


def text_of(markup: str) -> str:
    """Return what a person reads in rich text: blocks and breaks become lines."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.text


class _Reader(HTMLParser):
    """Collects the text of a document, line by line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [""]
        self._silent = 0
        self._open = False

    @property
    def text(self) -> str:
        """Everything read so far."""
        lines = [line.strip(" ").replace("\u00a0", " ") for line in self._lines]
        return "\n".join(lines).strip("\n")

    def handle_starttag(self, tag: str, _attributes: list[tuple[str, str | None]]) -> None:
        """Begin a line with each block, and at each break."""
        if tag in _SILENT:
            self._silent += 1
        elif tag == "br":
            self._lines.append("")
        elif tag in _BLOCKS:
            self._begin_block()

    def handle_endtag(self, tag: str) -> None:
        """End the line of a block."""
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self._open = True

    def handle_data(self, data: str) -> None:
        """Add text; runs of white space are one blank, as on the screen."""
        if self._silent:
            return
        shown = _RUN.sub(" ", data)
        if self._open and shown.strip():
            self._begin_block()
        if shown != " " or self._lines[-1]:
            self._lines[-1] += shown

    def _begin_block(self) -> None:
        self._open = False
        if self._lines[-1].strip(" "):
            self._lines.append("")
