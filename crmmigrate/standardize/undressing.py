"""Text beyond ASCII that needs no decoding: invisible signs, odd blanks and loose accents taken away.

Only what surely comes out as `values.text` has it; the rest is left.
"""

from collections.abc import Sequence

import polars as pl
from ftfy.badness import is_bad

from crmmigrate.standardize.clean_loops import Writing, find_clean
from crmmigrate.standardize.misreads import surely_unread
from crmmigrate.standardize.rule_lists import listed

__all__ = ["undress_texts"]

_INVISIBLE = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\x{61c}\x{180e}\x{200b}\x{200e}\x{200f}"
    r"\x{202a}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{fff9}-\x{fffb}]"
)
_WIDE = r"\xa0\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}"
_JAMO = r"\x{1100}-\x{115e}\x{1161}-\x{11ff}"
_DRESS = rf"{_INVISIBLE}|[{_WIDE}{_JAMO}\p{{M}}]"
_UNPAGED = (
    rf"[\x{{300}}-\x{{36f}}{_JAMO}\x{{5d0}}-\x{{6ff}}\x{{200b}}-\x{{200f}}\x{{3040}}-\x{{30ff}}"
    r"\x{4e00}-\x{9fff}\x{ac00}-\x{d7a3}]"
)
"""Characters that no code page has in which UTF-8 is misread."""

_CLOSER = r"[\r\n\x85\x{2028}\x{2029}&<\x{200c}\x{200d}]"
"""What wants a closer look: lines, markup, and joiners."""

_DASH = "—"
"""What `find_clean` takes for a sign that is perhaps a byte of misread UTF-8."""


def undress_texts(odd: pl.DataFrame, writings: Sequence[Writing]) -> pl.DataFrame:
    """Take invisible signs and blanks too many away, and compose letters.

    A text may hold misread UTF-8 only if code pages have all its characters and its bytes there are
    UTF-8, or a rule of ftfy finds it bad.

    Args:
        odd: `_at`, `text` and `which` (number of the writing) of texts that are not clean.
        writings: What the regions are written with.

    Returns:
        Rows of `repairs.REPAIRS` of those that come out clean.
    """
    text, visible, composed, value = map(pl.col, ("text", "visible", "composed", "value"))
    dressed = odd.filter(text.str.contains(_DRESS) & ~text.str.contains(_CLOSER))
    tried = (
        dressed.with_columns(visible=text.str.replace_all(_INVISIBLE, ""))
        .with_columns(composed=visible.str.normalize("NFC"))
        .with_columns(
            value=composed.str.replace_all(rf"[ \t{_WIDE}]+", " ").str.strip_chars(" "),
            signs=composed.str.replace_all(f"[{_WIDE}]", _DASH),
            unpaged=text.str.contains(_UNPAGED),
        )
    )
    which = tried["which"]
    tried = tried.with_columns(unread=surely_unread(tried["text"]))
    safe = tried["unread"] | tried["unpaged"] | find_clean(tried["signs"], which, writings)
    sure = tried.filter(safe & find_clean(tried["value"], which, writings))
    fair = [unread or not is_bad(one) for one, unread in sure.select("text", "unread").iter_rows()]
    sure = sure.filter(pl.Series(fair, dtype=pl.Boolean))
    codes = listed(STD902=visible != text, STD906=composed != visible, STD901=value != composed)
    return sure.filter(value != text).select("_at", "value", codes=codes, doubt=pl.lit(1.0))
