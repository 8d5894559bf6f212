"""Compare telephone numbers and e-mail addresses, each record's as one set."""

import polars as pl

from crmmigrate.dedupe.distance import edits, jaro_winkler, measured, slipped
from crmmigrate.dedupe.evidence import (
    VALUE_ID,
    Encoded,
    Level,
    chance_of,
    counted,
    dictionary,
    sides,
    spread,
)
from crmmigrate.model.matching import Feature, Vocabulary
from crmmigrate.model.semantic import SemanticType, part_column

__all__ = [
    "DOMAIN_LEVELS",
    "EMAIL_LEVELS",
    "PHONE_LEVELS",
    "compare_reach",
    "encode_domains",
    "encode_emails",
    "encode_phones",
]

PHONE_LEVELS = (
    Level("different", 0.20, 0.9999),
    Level("near", 0.10, 0.0001),
    Level("shared", 0.40, 0.0001, rare=True),
    Level("mobile", 0.30, 0.00005, rare=True),
)
EMAIL_LEVELS = (
    Level("different", 0.20, 0.998),
    Level("local", 0.10, 0.0002),
    Level("near", 0.10, 0.0001),
    Level("role", 0.05, 0.0005, rare=True),
    Level("shared", 0.55, 0.0001, rare=True),
)
DOMAIN_LEVELS = (Level("different", 0.20, 0.99), Level("shared", 0.80, 0.01, rare=True))
_FEW = 4
"""Most holders of a mobile number that still is one person's."""


def encode_phones(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the digits of all phone fields of a record as one set."""
    del words
    found = _exploded(frame, feature)
    e164 = pl.col("text").str.contains(r"^\+\d")
    number = pl.col("text").str.replace(r"(?i)\s*(ext|x|;ext=).*$", "").str.replace_all(r"\D", "")
    national = number.str.strip_chars_start("0")
    found = found.with_columns(pl.when(e164).then(number).otherwise(national).alias("text")).filter(
        pl.col("text").str.len_chars() >= 5
    )
    found = found.filter(~pl.col("text").str.contains(r"^(\d)?(0+|1+|9+)$"))
    found = found.with_columns(
        pl.col("text").str.slice(-7).alias("tail"),
        (pl.col("kind") == "mobile").fill_null(value=False).alias("mark"),
    ).drop("kind")
    return _encoded(
        frame,
        feature,
        found.unique(["row", "text"], maintain_order=True),
        {feature.name: PHONE_LEVELS},
    )


def encode_emails(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the addresses of all e-mail fields of a record as one set; mark role mailboxes."""
    found = _exploded(frame, feature).with_columns(
        pl.col("text").str.to_lowercase().str.replace(r"\+[^@]*@", "@")
    )
    at = pl.col("text").str.split("@")
    found = found.filter(pl.col("text").str.contains(r"^[^@\s]+@[^@\s]+$")).with_columns(
        at.list.first().alias("local"), at.list.last().alias("domain")
    )
    role = pl.col("local").str.replace_all(r"[\d._-]+$", "").is_in(sorted(words.role_mailboxes))
    plain = pl.col("local").str.replace_all(r"[._-]", "")
    found = found.with_columns(
        role.alias("mark"), pl.when(~role & (plain.str.len_chars() >= 5)).then(plain).alias("tail")
    ).drop("kind", "local", "domain")
    return _encoded(
        frame,
        feature,
        found.unique(["row", "text"], maintain_order=True),
        {feature.name: EMAIL_LEVELS},
    )


def encode_domains(frame: pl.DataFrame, feature: Feature, words: Vocabulary) -> Encoded:
    """Keep the hosts of web sites and the domains of mail addresses as one set."""
    found = _exploded(frame, feature)
    host = (
        pl.col("text").str.to_lowercase().str.replace(r"^.*@", "").str.replace(r"^[a-z]+://", "")
        .str.replace(r"^www\d?\.", "").str.replace(r"[/?#:\s].*$", "")
    )  # fmt: skip
    found = found.with_columns(host.alias("text")).filter(
        pl.col("text").str.contains(r"^[^.\s]+(\.[^.\s]+)+$")
        & ~pl.col("text").is_in(sorted(words.free_domains))
    )
    found = found.with_columns(
        pl.lit(None, dtype=pl.String).alias("tail"), pl.lit(value=False).alias("mark")
    ).drop("kind")
    found = found.unique(["row", "text"], maintain_order=True)
    return _encoded(frame, feature, found, {feature.name: DOMAIN_LEVELS})


def _exploded(frame: pl.DataFrame, feature: Feature) -> pl.DataFrame:
    parts = []
    for field in feature.fields:
        e164 = part_column(field, "e164")
        columns = [e164, field] if feature.type is SemanticType.PHONE else [field]
        present = [
            pl.col(c).cast(pl.String).str.strip_chars() for c in columns if c in frame.columns
        ]
        known = [pl.when(c != "").then(c) for c in present]
        kind = part_column(field, "type")
        kinds = pl.col(kind) if kind in frame.columns else pl.lit(None, dtype=pl.String)
        if known:
            row = pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")
            parts.append(frame.select(row, pl.coalesce(known).alias("text"), kinds.alias("kind")))
    return pl.concat(parts).drop_nulls("text")


def _encoded(
    frame: pl.DataFrame,
    feature: Feature,
    found: pl.DataFrame,
    evidence: dict[str, tuple[Level, ...]],
) -> Encoded:
    """Number the members from the rarest on, and the sets they form."""
    holders = found["row"].n_unique()
    extra = [c for c in found.columns if c not in {"row", "text"}]
    members = (
        found.group_by("text")
        .agg(pl.len().alias("holders"), *(pl.col(c).first() for c in extra))
        .sort("holders", "text")
        .with_row_index("member")
        .with_columns(chance_of(pl.col("holders"), holders).alias("chance"))
    )
    sets = (
        found.join(members.select("text", "member"), on="text")
        .sort("row", "member")
        .group_by("row", maintain_order=True)
        .agg("member", pl.col("text").alias("texts"))
    )
    per_row = frame.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row")).join(
        sets, on="row", how="left", maintain_order="left"
    )
    rows = per_row.select(
        pl.col("member").cast(pl.List(pl.String)).list.join(",").alias("set"),
        pl.col("texts").list.join(", ").alias("shown"),
    )
    ids, values = dictionary(rows)
    values = values.with_columns(
        pl.col("set").str.split(",").cast(pl.List(pl.UInt32)).alias("members")
    ).drop("set")
    listed = _listed(values, members.select("member", "text", "chance", "holders", *extra))
    values = counted(ids, values).join(listed, on=VALUE_ID, how="left", maintain_order="left")
    values = values.with_columns(pl.col("tail").list.drop_nulls().alias("tails"))
    return Encoded(feature, evidence, ids, values)


def _listed(values: pl.DataFrame, detail: pl.DataFrame) -> pl.DataFrame:
    """Return what is known of the members of each set, as lists in the order of the members."""
    extra = [c for c in detail.columns if c not in {"member", "text"}]
    return (
        values.select(VALUE_ID, "members")
        .explode("members")
        .join(detail, left_on="members", right_on="member", how="left", maintain_order="left")
        .group_by(VALUE_ID, maintain_order=True)
        .agg(pl.col("text").alias("texts"), *(pl.col(c) for c in extra))
    )


def compare_reach(
    values: pl.DataFrame, pairs: pl.DataFrame, name: str, kind: SemanticType
) -> pl.DataFrame:
    """Add the best level any two members of the sets reach, and the chance of the rarest shared."""
    one = values["members"].list.len() == 1
    lone = one.gather(pairs["va"]) & one.gather(pairs["vb"])
    order = pl.int_range(pairs.height, dtype=pl.UInt32, eager=True)
    parts = []
    for chosen, compare in ((lone, _lone_members), (~lone, _shared_members)):
        both = compare(values, pairs.filter(chosen), kind).with_columns(
            order.filter(chosen).alias("p")
        )
        shared = pl.col("member").is_not_null()
        level = {SemanticType.PHONE: _phone_level, SemanticType.EMAIL: _mail_level}.get(
            kind, _host_level
        )(shared)
        parts.append(
            both.select(
                "p", "va", "vb", level.cast(pl.Int8).alias(name), pl.col("chance").alias(f"{name}~")
            )
        )
    return pl.concat(parts).sort("p").drop("p")


def _lone_members(values: pl.DataFrame, pairs: pl.DataFrame, kind: SemanticType) -> pl.DataFrame:
    """Compare sets of one member each."""
    lone = values.select(
        pl.col("members", "texts", "chance", "mark", "holders").list.first(),
        pl.col("tails").list.first().alias("ending"),
    )
    both = sides(lone, pairs, "members", "texts", "ending")
    facts = [lone[c].gather(pairs["va"]) for c in ("chance", "mark", "holders")]
    same = pl.col("members") == pl.col("members_b")
    both = both.with_columns(
        pl.when(same).then("members").alias("member"),
        pl.when(same).then(facts[0]).alias("chance"),
        *facts[1:],
        (pl.col("ending") == pl.col("ending_b")).fill_null(value=False).alias("tail"),
    )
    if kind is SemanticType.URL:
        return both
    apart = both["member"].is_null()
    texts = both.select(a="texts", b="texts_b").filter(apart)
    return both.with_columns(spread(_near_texts(texts, kind), apart)["near"])


def _shared_members(values: pl.DataFrame, pairs: pl.DataFrame, kind: SemanticType) -> pl.DataFrame:
    facts = (
        values.select(pl.col("members").alias("member"), "chance", "mark", "holders")
        .explode("member", "chance", "mark", "holders")
        .unique("member")
    )
    both = sides(values, pairs, "members", "texts", "tails").with_columns(
        pl.col("members").list.set_intersection("members_b").list.min().alias("member"),
        (pl.col("tails").list.set_intersection("tails_b").list.len() > 0).alias("tail"),
    )
    both = both.join(facts, on="member", how="left", maintain_order="left")
    if kind is SemanticType.URL:
        return both
    apart = (
        both.with_row_index("p").filter(pl.col("member").is_null())
        .select("p", a=pl.col("texts").list.head(4), b=pl.col("texts_b").list.head(4))
        .explode("a").explode("b")
    )  # fmt: skip
    near = (
        apart.select("p").hstack(_near_texts(apart, kind)).group_by("p").agg(pl.col("near").any())
    )
    return both.with_row_index("p").join(near, on="p", how="left", maintain_order="left").drop("p")


def _host_level(shared: pl.Expr) -> pl.Expr:
    return pl.when(shared).then(1).otherwise(0)


def _phone_level(shared: pl.Expr) -> pl.Expr:
    own = pl.col("mark") & (pl.col("holders") <= _FEW)
    return (
        pl.when(shared & own).then(3).when(shared).then(2)
        .when(pl.col("near").fill_null(value=False)).then(1).otherwise(0)
    )  # fmt: skip


def _mail_level(shared: pl.Expr) -> pl.Expr:
    return (
        pl.when(shared & pl.col("mark")).then(3).when(shared).then(4)
        .when(pl.col("near").fill_null(value=False)).then(2).when("tail").then(1).otherwise(0)
    )  # fmt: skip


def _near_texts(texts: pl.DataFrame, kind: SemanticType) -> pl.DataFrame:
    """Return `near`: the texts `a` and `b` differ by a slip."""
    a, b = pl.col("a"), pl.col("b")
    short = pl.min_horizontal(a.str.len_chars(), b.str.len_chars())
    if kind is SemanticType.EMAIL:
        texts = measured(texts, "a", "b", jw=jaro_winkler, slips=edits)
        # Another number is another mailbox: anna.berg1 and anna.berg2.
        letters = a.str.replace_all(r"\d", "") == b.str.replace_all(r"\d", "")
        host = a.str.split("@").list.first() == b.str.split("@").list.first()
        slips, alike = pl.col("slips"), pl.col("jw") >= 0.9
        few = (slips <= 1) | ((slips <= 2) & (short >= 12) & alike) | ((slips <= 3) & host & alike)
        return texts.select(pl.when(slips <= 3).then(few & ~letters).otherwise(False).alias("near"))
    texts = slipped(texts, "a", "b")
    inside = a.str.ends_with(b) | b.str.ends_with(a)
    tail = a.str.slice(-7) == b.str.slice(-7)
    return texts.select((pl.col("slip") | (tail & (inside | (short <= 10)))).alias("near"))
