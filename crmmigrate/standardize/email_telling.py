"""Outcomes of e-mail cells: the few that most cells share, and those with something to tell."""

from functools import cache
from itertools import product

import polars as pl

from crmmigrate.model.semantic import PARTS, SemanticType
from crmmigrate.standardize.email_tables import PROVIDERS, doubtful_mailboxes
from crmmigrate.standardize.lanes import fast_frame
from crmmigrate.values.email_domains import mail_words, meant_domain, provider_of
from crmmigrate.values.email_syntax import lower_mailboxes, normalize_email, refusal_of
from crmmigrate.values.emails import UNWRAPPED

__all__ = [
    "glued_outcomes",
    "international_rows",
    "known_outcomes",
    "slip_outcomes",
    "special_outcomes",
]

_PARTS = PARTS[SemanticType.EMAIL]
_STATUSES = ("unchanged", "normalised", "split", "repaired")
_CODES = (None, "STD151", "STD152", "STD153")
_CONFIDENCES = (1.0, 1.0, 1.0, UNWRAPPED)


@cache
def known_outcomes() -> pl.DataFrame:
    """Return the outcomes numbered by `email_writing`; values and domains are missing."""
    ways = [(w, role, p) for w in range(4) for role in ("false", "true") for p in PROVIDERS]
    codes = [
        [
            *([_CODES[way]] if way else []),
            *(["STD157"] if role == "true" else []),
            *(["STD158"] if provider == "disposable" else []),
        ]
        for way, role, provider in ways
    ]
    found = pl.DataFrame(
        {
            "role": [role for _, role, _ in ways],
            "provider": [provider for *_, provider in ways],
            "valid": ["true"] * len(ways),
            "status": [_STATUSES[way] for way, *_ in ways],
            "codes": codes,
            "confidence": [_CONFIDENCES[way] for way, *_ in ways],
        }
    )
    reasons = [refusal_of(text) for text in ("no sign", "a@", "a@a")]
    refused = pl.DataFrame({"message": reasons}).with_columns(
        valid=pl.lit("false"), status=pl.lit("invalid"), codes=pl.lit(["STD154"])
    )
    return pl.concat([fast_frame(frame, _PARTS) for frame in (found, refused)])


def special_outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses of which more is to be told.

    Args:
        rows: `value`, `domain`, `way` (0 to 3), `role` (whether it is one), `provider`, and where there
            is one `meant` (the domain), `name` (before it), `note` and `further` (the second address).
    """
    names = [n for n in ("meant", "name", "note", "further") if n not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.String).alias(name) for name in names)
    meant = _meant()
    named = pl.concat_str(
        pl.lit("named '"), pl.when(pl.col("name") != "").then("name"), pl.lit("'")
    )
    other = pl.coalesce("further", meant)
    return fast_frame(
        rows.select(
            *_common(),
            status=_by_way(_STATUSES),
            codes=_codes(),
            message=_message(named, pl.col("note")),
            confidence=_confidence(_by_way(_CONFIDENCES)),
            alternatives=pl.when(other.is_null()).then(_NOTHING).otherwise(pl.concat_list(other)),
        ),
        _PARTS,
    )


def glued_outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses behind one `word`, which may be a part of them.

    Args:
        rows: As for `special_outcomes`, and `word`.
    """
    word, value = pl.col("word"), pl.col("value")
    joined = [pl.concat_str(word, pl.lit(sign), value) for sign in (".", "", "_")]
    return fast_frame(
        rows.select(
            *_common(),
            status=pl.lit("ambiguous"),
            codes=_codes(joined=True),
            message=_message(pl.concat_str(pl.lit("the cell also says '"), word, pl.lit("'"))),
            confidence=_confidence(pl.lit(0.5)),
            alternatives=pl.concat_list(*joined, _meant()).list.drop_nulls(),
        ),
        _PARTS,
    )


_NOTHING = pl.lit([], dtype=pl.List(pl.String))


def _common() -> tuple[pl.Expr, ...]:
    role = pl.when("role").then(pl.lit("true")).otherwise(pl.lit("false")).alias("role")
    return (
        pl.col("value"),
        pl.col("domain"),
        pl.col("provider"),
        role,
        pl.lit("true").alias("valid"),
    )


def _meant() -> pl.Expr:
    """Return the address that may be meant, null if none."""
    return pl.concat_str(pl.col("value").str.strip_suffix(pl.col("domain")), "meant")


def _message(*told: pl.Expr) -> pl.Expr:
    perhaps = pl.concat_str(pl.lit("perhaps "), _meant())
    message = pl.concat_str(*told, perhaps, separator="; ", ignore_nulls=True)
    return pl.when(message != "").then(message)


def _confidence(sure: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("meant").is_null()).then(sure).otherwise(pl.min_horizontal(sure, 0.8))


def _by_way(values: tuple[object, ...]) -> pl.Expr:
    kind = pl.String if isinstance(values[-1], str) else pl.Float64
    return pl.col("way").replace_strict(dict(enumerate(values)), return_dtype=kind)


@cache
def _code_table(*, joined: bool) -> pl.Series:
    """Return lists of codes by way, and whether a domain is meant, a role, and disposable."""
    table = [
        [code for code, told in zip(("STD156", "STD157", "STD158"), rest, strict=True) if told]
        for rest in product((False, True), repeat=3)
    ]
    way = ["STD159"] if joined else []
    first = [[code] if code else [] for code in _CODES]
    return pl.Series(
        [one + way + rest for one in first for rest in table], dtype=pl.List(pl.String)
    )


def _codes(*, joined: bool = False) -> pl.Expr:
    place = pl.col("way").cast(pl.UInt32)
    for told in (pl.col("meant").is_not_null(), pl.col("role"), pl.col("provider") == "disposable"):
        place = place * 2 + told.cast(pl.UInt32)
    return pl.lit(_code_table(joined=joined)).gather(place)


_SLIPS = (("..", "."), (".@", "@"), ("@.", "@"), ("@@", "@"), (",", "."))


def slip_outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """Return outcomes of addresses with a slip, which is only suggested to be one.

    Args:
        rows: `value`, and `slip`, which of `_SLIPS` it is.
    """
    fixed = pl.coalesce(
        pl.when(pl.col("slip") == number).then(
            pl.col("value").str.replace_all(wrong, right, literal=True)
        )
        for number, (wrong, right) in enumerate(_SLIPS)
    )
    local, domain = fixed.str.extract("^([^@]*@)", 1), fixed.str.extract("@(.*)$", 1)
    meant = pl.concat_str(local, domain.str.to_lowercase())
    return fast_frame(
        rows.select(
            "value",
            valid=pl.lit("false"),
            status=pl.lit("invalid"),
            codes=pl.lit(["STD154"]),
            message=pl.concat_str(pl.lit("perhaps "), meant),
            alternatives=pl.concat_list(meant),
        ),
        _PARTS,
    )


_SAFE_BYTES = 120
"""An address of so many bytes keeps to every limit, however its domain is written."""


def international_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Read addresses with letters beyond ASCII; the library reads each domain once.

    Args:
        rows: `_at`, `text`, and its parts `local` and `raw`.

    Returns:
        `_at` and the columns of `special_outcomes`; rows that are missing need a closer look.
    """
    read = [(raw, _canonical(raw)) for raw in rows["raw"].unique().to_list()]
    domains = pl.DataFrame(
        [
            (raw, domain, provider_of(domain), meant_domain(domain))
            for raw, domain in read
            if domain is not None
        ],
        schema=dict.fromkeys(("raw", "domain", "provider", "meant"), pl.String),
        orient="row",
    )
    found = rows.join(domains, on="raw", how="inner", maintain_order="left")
    folded = pl.col("local").str.to_lowercase()
    found = found.filter(~folded.is_in(sorted(doubtful_mailboxes() | lower_mailboxes())))
    found = found.with_columns(
        value=pl.concat_str("local", pl.lit("@"), "domain"),
        role=folded.is_in(sorted(mail_words("roles"))),
    )
    changed = (pl.col("value") != pl.col("text")).cast(pl.UInt8)
    return found.with_columns(way=changed).drop("text", "local", "raw")


def _canonical(domain: str) -> str | None:
    """Return a domain in canonical spelling; None if no valid one, or one that needs a closer look."""
    value = normalize_email(f"a@{domain}")
    return value[2:] if value and len(value) <= _SAFE_BYTES else None
