"""Compare telephone numbers and e-mail addresses, each record's as one set."""

import polars as pl

from crmmigrate.dedupe.distance import edits, jaro_winkler, measured, slipped
from crmmigrate.dedupe.evidence import Encoded, sides, spread
from crmmigrate.dedupe.member_sets import member_lists
from crmmigrate.model.semantic import SemanticType

__all__ = ["compare_reach"]

_FEW = 4
"""Most holders of a mobile number that still is one person's."""
_LONG = 6
"""Letters from which two mailboxes that differ by a slip are hardly those of two people."""


def compare_reach(encoded: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Add the best level any two members of the sets reach, and the chance of the rarest shared."""
    name, kind = encoded.feature.name, encoded.feature.type
    ids = pairs
    values, pairs = _used(encoded, pairs)
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
    return ids.hstack(pl.concat(parts).sort("p").drop("p", "va", "vb"))


def _used(encoded: Encoded, pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return only the values that pairs refer to, and the pairs with the places of these."""
    used = pl.concat([pairs["va"], pairs["vb"]]).unique().sort()
    places = (used.search_sorted(pairs[c]).cast(pl.UInt32).alias(c) for c in ("va", "vb"))
    return member_lists(encoded, used), pl.DataFrame(list(places))


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
    return both.with_columns(spread(_near_texts(texts, kind), apart).get_columns())


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
    near = apart.select("p").hstack(_near_texts(apart, kind)).group_by("p").agg(pl.all().any())
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
        pl.when(shared & pl.col("mark")).then(4).when(shared).then(5)
        .when(pl.col("near").fill_null(value=False)).then(3).when("tail").then(2)
        .when(pl.col("alike").fill_null(value=False)).then(1).otherwise(0)
    )  # fmt: skip


def _near_texts(texts: pl.DataFrame, kind: SemanticType) -> pl.DataFrame:
    """Return `near`: the texts `a` and `b` differ by a slip; of mail addresses with little before the @ `alike`."""
    a, b = pl.col("a"), pl.col("b")
    short = pl.min_horizontal(a.str.len_chars(), b.str.len_chars())
    if kind is SemanticType.EMAIL:
        texts = measured(texts, "a", "b", jw=jaro_winkler, slips=edits)
        # Another number is another mailbox: anna.berg1 and anna.berg2.
        letters = a.str.replace_all(r"\d", "") == b.str.replace_all(r"\d", "")
        host = a.str.split("@").list.first() == b.str.split("@").list.first()
        slips, alike = pl.col("slips"), pl.col("jw") >= 0.9
        few = (slips <= 1) | ((slips <= 2) & (short >= 12) & alike) | ((slips <= 3) & host & alike)
        near = pl.when(slips <= 3).then(few & ~letters).otherwise(False)
        mailboxes = (t.str.extract(r"^([^@]*)", 1).str.count_matches("[^._-]") for t in (a, b))
        long = pl.min_horizontal(mailboxes) >= _LONG
        return texts.select((near & long).alias("near"), (near & ~long).alias("alike"))
    texts = slipped(texts, "a", "b")
    inside = a.str.ends_with(b) | b.str.ends_with(a)
    tail = a.str.slice(-7) == b.str.slice(-7)
    return texts.select((pl.col("slip") | (tail & (inside | (short <= 10)))).alias("near"))
