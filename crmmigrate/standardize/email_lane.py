"""The vectorised lane of e-mail cells: plain, wrapped and international addresses, and no address.

Each function takes rows (`_at`, `text`) and gives back those that it can read: `_at`, `text`,
`local`, `domain`, and `code`, `message`, `confidence` of the way there.
"""

import polars as pl

from crmmigrate.values.email_cells import EDGES, NAMED, UNWRAPPED
from crmmigrate.values.email_syntax import (
    ATOM,
    LONGEST_ADDRESS,
    LONGEST_LABEL,
    PLAIN_ADDRESS,
    lower_mailboxes,
    normalize_email,
    refusal_of,
    reserved_pattern,
)
from crmmigrate.values.emails import UNWRAPPED as CONFIDENCE
from crmmigrate.values.placeholders import EMPTY_MARKS, placeholder_words

__all__ = [
    "read_broken",
    "read_international",
    "read_pairs",
    "read_plain",
    "read_without_at",
    "read_wrapped",
]

_LONG_LABEL = rf"[^.@]{{{LONGEST_LABEL + 1}}}"


def is_plain(text: pl.Expr) -> pl.Expr:
    """Tell which texts are valid addresses in ASCII and nothing else.

    Two hyphens may be Punycode, or two hyphens that no label may have: they need a closer look.
    """
    return (
        text.str.contains(PLAIN_ADDRESS)
        & (text.str.len_bytes() <= LONGEST_ADDRESS)
        & ~text.str.contains("--", literal=True)
        & ~text.str.contains(reserved_pattern())
    ).fill_null(value=False)


def _cut(rows: pl.DataFrame, address: str) -> pl.DataFrame:
    """Cut an address in two at its @; `low` tells whether its domain was in lower case."""
    both = pl.col(address).str.split_exact("@", 1).struct.rename_fields(["local", "raw"])
    cut = rows.with_columns(both.alias("_both")).unnest("_both")
    cut = cut.with_columns(domain=pl.col("raw").str.to_lowercase())
    cut = cut.with_columns(low=pl.col("raw") == pl.col("domain")).drop("raw")
    long = cut["domain"].str.len_bytes() > LONGEST_LABEL
    if long.any():
        cut = cut.filter(~(long & cut["domain"].str.contains(_LONG_LABEL)))
    return cut


def read_plain(rows: pl.DataFrame) -> pl.DataFrame:
    """Read cells that hold a plain address in ASCII alone."""
    return _cut(rows.filter(is_plain(pl.col("text"))), "text")


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `found` and `name` of `Name <address>`, else what is left without wrappings."""
    named = pl.col("text").str.extract_groups(NAMED).struct.rename_fields(["name", "inside"])
    rows = _bare(rows).drop("name").with_columns(named.alias("_named")).unnest("_named")
    found = pl.coalesce("inside", "found")
    name = pl.col("name").str.strip_chars(" \t'")
    return (
        rows.with_columns(found=found, name=name)
        .drop("inside")
        .select("_at", "text", "found", "name")
    )


def _bare(rows: pl.DataFrame) -> pl.DataFrame:
    """Add `found`, what is left without wrappings."""
    bare = pl.col("text")
    for pattern, instead in UNWRAPPED:
        bare = bare.str.replace_all(pattern, instead)
    bare = bare.str.strip_chars_start(EDGES[0]).str.strip_chars_end(EDGES[1])
    return rows.with_columns(found=bare, name=pl.lit(None, pl.String))


_WRAPPING = r"[^A-Za-z0-9@._+-]|[.]$"
"""Signs without one of which nothing can be cut off."""


def read_wrapped(rows: pl.DataFrame) -> pl.DataFrame:
    """Read cells with a plain address inside a label, brackets, or behind a display name."""
    text = pl.col("text")
    hopeful = text.str.contains(r"^[\x20-\x7e]*$") & ~text.str.contains("--", literal=True)
    hopeful &= text.str.contains(r"(?i)@|[(\[{<]at[)\]}>]")
    hopeful = (hopeful | text.str.contains(r"[<>]")) & ~text.str.contains(r"[\r\n]|^\s|\s$")
    some = rows.filter(hopeful.fill_null(value=False) & (text.str.len_chars() <= 1000))
    some = some.filter(text.str.contains(_WRAPPING)).filter(~is_plain(text))
    bracketed = some["text"].str.contains(r"[<\[]")
    some = pl.concat([_named(some.filter(bracketed)), _bare(some.filter(~bracketed))])
    some = _cut(some.filter(is_plain(pl.col("found"))), "found")
    told = pl.concat_str(pl.lit("named '"), "name", pl.lit("'"))
    return some.select(
        *("_at", "text", "local", "domain"),
        code=pl.lit("STD153"),
        message=pl.when(pl.col("name") != "").then(told),
        confidence=pl.lit(CONFIDENCE),
    )


_BARE = r"[^\s;,|/<>()\[\]\"@:]+@[^\s;,|/<>()\[\]\"@:]+"
_PAIR = rf"^({_BARE})(?: ?[;,|] ?| / |/| )({_BARE})[;,]?$"


def read_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Read cells with two plain addresses and a separator; `further` is the second one."""
    pair = pl.col("text").str.extract_groups(_PAIR).struct.rename_fields(["first", "second"])
    some = rows.with_columns(pair.alias("_pair")).unnest("_pair")
    some = some.filter(is_plain(pl.col("first")) & is_plain(pl.col("second")))
    second = _cut(some.select("_at", "second"), "second")
    further = second.select(
        "_at",
        other=pl.col("local").str.to_lowercase(),
        further=pl.concat_str("local", pl.lit("@"), "domain"),
    )
    some = _cut(some.join(further, on="_at", maintain_order="left"), "first")
    mine = pl.concat_str("local", pl.lit("@"), "domain")
    return some.filter(mine != pl.col("further")).select(
        *("_at", "text", "local", "domain", "other", "further"),
        code=pl.lit("STD152"),
        message=pl.lit(None, pl.String),
        confidence=pl.lit(1.0),
    )


_LETTERS = (
    r"\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{24f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3ce}"
    r"\x{400}-\x{481}\x{48a}-\x{52f}\x{3041}-\x{3094}\x{30a1}-\x{30fa}\x{4e00}-\x{9fa5}\x{ac00}-\x{d7a3}"
)
"""Letters that Unicode normalization leaves alone wherever they stand."""

_INTL_ATOM = ATOM.replace("[", "[" + _LETTERS, 1)
_INTERNATIONAL = rf"^{_INTL_ATOM}(?:\.{_INTL_ATOM})*@[^@<>\x00-\x2c]+$"
_SAFE_BYTES = 120
"""An address of so many bytes keeps to every limit, however its domain is written."""


def read_international(rows: pl.DataFrame) -> pl.DataFrame:
    """Read addresses with letters beyond ASCII in mailbox or domain; the library reads each domain once."""
    text = pl.col("text")
    some = rows.filter(text.str.contains(_INTERNATIONAL) & (text.str.len_bytes() <= _SAFE_BYTES))
    some = _split_raw(some)
    read = {domain: _canonical(domain) for domain in some["raw"].unique().to_list()}
    good = {raw: domain for raw, domain in read.items() if domain is not None}
    domains = pl.DataFrame(
        {"raw": list(good), "domain": list(good.values())},
        schema={"raw": pl.String, "domain": pl.String},
    )
    joined = some.join(domains, on="raw", maintain_order="left")
    return joined.select("_at", "text", "local", "domain", low=pl.col("raw") == pl.col("domain"))


def _split_raw(rows: pl.DataFrame) -> pl.DataFrame:
    both = pl.col("text").str.split_exact("@", 1).struct.rename_fields(["local", "raw"])
    return rows.with_columns(both.alias("_both")).unnest("_both")


def _canonical(domain: str) -> str | None:
    """Return a domain in canonical spelling; None if no valid one, or one that needs a closer look."""
    value = normalize_email(f"a@{domain}")
    return value[2:] if value and len(value) <= _SAFE_BYTES else None


_ATOMS = rf"{ATOM}(?:\.{ATOM})*"
_SLIPS = (("..", "."), (".@", "@"), ("@.", "@"), ("@@", "@"))
_ONE_PIECE = r"^[A-Za-z0-9][A-Za-z0-9_.+@-]*[A-Za-z0-9]$"
_COMMA = r"^[A-Za-z0-9][A-Za-z0-9_.+-]*@[A-Za-z0-9]+,[A-Za-z]{2,}$"
_SHORT = 60


def read_broken(rows: pl.DataFrame) -> pl.DataFrame:
    """Read single addresses with one slip or without a domain: `local`, `message` and `meant`."""
    text = pl.col("text")
    some = rows.filter(text.str.len_bytes() <= _SHORT)
    some = some.with_columns(local=text.str.extract("^([^@]*)@", 1).fill_null(""))
    slips = [
        pl.when(text.str.contains(wrong, literal=True))
        .then(text.str.replace_all(wrong, right, literal=True))
        .alias(f"_{at}")
        for at, (wrong, right) in enumerate(_SLIPS)
    ]
    slips.append(
        pl.when(text.str.contains(_COMMA))
        .then(text.str.replace(",", ".", literal=True))
        .alias("_4")
    )
    some = some.with_columns(slips)
    fixes = [pl.when(is_plain(pl.col(f"_{at}"))).then(f"_{at}") for at in range(len(slips))]
    some = some.with_columns(meant=pl.coalesce(fixes))
    slipped = text.str.contains(_ONE_PIECE) | text.str.contains(_COMMA)
    slipped &= pl.col("meant").is_not_null()
    no_domain = text.str.contains(rf"^[A-Za-z0-9](?:{_ATOMS})?@$")
    no_dot = text.str.contains(rf"^[A-Za-z0-9](?:{_ATOMS})?@[A-Za-z0-9]+$")
    reasons = (pl.lit(refusal_of("a@")), pl.lit(refusal_of("a@a")))
    reason = pl.when(no_domain).then(reasons[0]).otherwise(reasons[1])
    found = _canonical_meant(some.filter(slipped).select("_at", "text", "meant"))
    found = found.with_columns(message=pl.concat_str(pl.lit("perhaps "), "meant"))
    others = some.filter(~slipped & (no_domain | no_dot))
    others = others.with_columns(message=reason, meant=pl.lit(None, pl.String))
    columns = ("_at", "text", "local", "message", "meant")
    return pl.concat([found.select(columns), others.select(columns)])


def _canonical_meant(rows: pl.DataFrame) -> pl.DataFrame:
    cut = _cut(rows, "meant")
    mailboxes = pl.Series(sorted(lower_mailboxes()))
    cut = cut.filter(~pl.col("local").str.to_lowercase().is_in(mailboxes.implode()))
    return cut.with_columns(meant=pl.concat_str("local", pl.lit("@"), "domain"))


_NO_AT = r"^[\x20-\x21\x23-\x3b\x3d\x3f\x41-\x7e]*$"
_SPOKEN = r"(?i)(?:^|[ (\[{])(?:at|arroba|chez|klammeraffe)(?:$|[ )\]}])"


def read_without_at(rows: pl.DataFrame) -> pl.DataFrame:
    """Find the cells that are no address because they have no @: their `_at` and `text`."""
    text = pl.col("text")
    nothing = text.str.strip_chars().str.to_lowercase()
    return rows.filter(
        text.str.contains(_NO_AT)
        & (text.str.len_bytes() <= LONGEST_ADDRESS)
        & ~text.str.contains(_SPOKEN)
        & ~text.str.contains(f"^(?:{EMPTY_MARKS})*$")
        & ~nothing.is_in(sorted(placeholder_words(tests=True)))
    )
