"""Plain phone numbers without the library: its own metadata as vectorised expressions.

A number is plain if it has only digits and the usual separators. Whatever the rules here do not
read as a valid number beyond doubt is left to the scalar reading, so this lane is never wrong where
the library is right; a test compares both on random numbers of all regions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import phonenumbers
import polars as pl
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

__all__ = ["read_plain_numbers"]

_PLAIN = r"^\+?[0-9 ().\u00a0/\-\u2010-\u2015]{5,30}$"
_NOT_PLAIN = r"^[^+]*[(]\s*0+\s*[)]|[(]\s*0+\s*[)]|^[0-9]{4,15}\.0+$|^\+[^0-9]*0|^[^0-9+]*[)./-]|[0-9].*/[ \u00a0]*[(]?0"
_SEPARATORS = r"[^0-9]+"


def read_plain_numbers(distinct: pl.DataFrame) -> pl.DataFrame:
    """Read the plain and valid numbers.

    Args:
        distinct: Columns `_at` (row number), `text` and `_region`.

    Returns:
        Columns `_at`, `e164` and `type`, only of the numbers that were read.
    """
    text = pl.col("text")
    plain = distinct.filter(text.str.contains(_PLAIN) & ~text.str.contains(_NOT_PLAIN)).select(
        "_at",
        "_region",
        plus=text.str.contains("+", literal=True),
        digits=text.str.replace_all(_SEPARATORS, ""),
    )
    plain = _dialled(plain)
    foreign = plain.filter("plus").with_columns(code=_calling_code(pl.col("digits")))
    found = [
        _read_group(
            group.with_columns(nsn=_behind(group["digits"], str(code))), int(str(code)), None
        )
        for (code,), group in foreign.drop_nulls("code").group_by("code")
    ]
    for (region,), group in plain.filter(~pl.col("plus")).drop_nulls("_region").group_by("_region"):
        code = phonenumbers.country_code_for_region(str(region))
        if code:
            national = _national(group, str(region), code)
            found.append(_read_group(national, code, str(region)))
    return pl.concat([_nothing(distinct), *found])


def _dialled(plain: pl.DataFrame) -> pl.DataFrame:
    """Take an international prefix of the region (00, 011) for a plus sign."""
    groups = [plain.filter(pl.col("plus") | pl.col("_region").is_null())]
    for (region,), group in plain.join(groups[0], on="_at", how="anti").group_by("_region"):
        metadata = _metadata(str(region), phonenumbers.country_code_for_region(str(region)))
        prefix = metadata.international_prefix if metadata is not None else None
        if not prefix:
            groups.append(group)
            continue
        rest = pl.col("digits").str.replace(f"^(?:{_ascii(prefix)})", "")
        dialled = (rest != pl.col("digits")) & rest.str.contains("^[1-9]")
        groups.append(
            group.with_columns(plus=dialled, digits=pl.when(dialled).then(rest).otherwise("digits"))
        )
    return pl.concat(groups)


def _nothing(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.clear().select("_at", e164=pl.lit(""), type=pl.lit(""))


def _calling_code(digits: pl.Expr) -> pl.Expr:
    codes = sorted(map(str, COUNTRY_CODE_TO_REGION_CODE), key=len)
    return digits.str.extract(f"^({'|'.join(codes)})", 1)


def _behind(digits: pl.Series, code: str) -> pl.Series:
    return digits.str.slice(len(code))


def _national(group: pl.DataFrame, region: str, code: int) -> pl.DataFrame:
    """Keep what is written as within the region: no international prefix, no country code."""
    metadata = _metadata(region, code)
    digits = pl.col("digits")
    doubtful = digits.str.starts_with(str(code)) | digits.str.contains("^0+$|^00|^011")
    if metadata is not None and metadata.international_prefix:
        doubtful |= digits.str.contains(f"^(?:{_ascii(metadata.international_prefix)})")
    return group.filter(~doubtful).with_columns(nsn=digits)


def _read_group(group: pl.DataFrame, code: int, region: str | None) -> pl.DataFrame:
    """Read the numbers of one country code; `nsn` still has its national prefix."""
    main = COUNTRY_CODE_TO_REGION_CODE[code][0]
    metadata = _metadata(region or main, code)
    empty = _nothing(group)
    if metadata is None or group.is_empty():
        return empty
    left = _without_prefix(group, metadata).select("_at", "nsn")
    found = [empty]
    for owner in COUNTRY_CODE_TO_REGION_CODE[code]:
        known = _metadata(owner, code)
        if known is None or left.is_empty():
            continue
        typed = left.select("_at", "nsn", type=_type(left["nsn"], known))
        if known.leading_digits and len(COUNTRY_CODE_TO_REGION_CODE[code]) > 1:
            owned = pl.col("nsn").str.contains(f"^(?:{_ascii(known.leading_digits)})")
        else:
            owned = pl.col("type").is_not_null()
        taken = typed.filter(owned)
        left = typed.filter(~owned).select("_at", "nsn")
        found.append(
            taken.drop_nulls("type").select(
                "_at", pl.concat_str(pl.lit(f"+{code}"), "nsn").alias("e164"), "type"
            )
        )
    return pl.concat(found)


def _without_prefix(group: pl.DataFrame, metadata: PhoneMetadata) -> pl.DataFrame:
    """Strip the national prefix as the library does; drop what needs its transform rules."""
    pattern = metadata.national_prefix_for_parsing
    general = _general(metadata)
    if not pattern:
        return group
    nsn = pl.col("nsn")
    prefix = nsn.str.extract(f"^((?:{_ascii(pattern)}))", 1).fill_null("")
    if metadata.national_prefix_transform_rule:
        return group.filter(prefix == "")
    bare = nsn.str.slice(prefix.str.len_bytes())
    lengths = pl.Series(general.lengths, dtype=pl.UInt32)
    kept = (prefix == "") | (
        nsn.str.contains(general.pattern) & ~bare.str.contains(general.pattern)
    )
    possible = bare.str.len_bytes().is_in(lengths.implode())
    return group.filter(kept | possible).with_columns(nsn=pl.when(kept).then(nsn).otherwise(bare))


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    pattern: str
    lengths: tuple[int, ...]


_SPECIAL = (
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
)


def _type(nsn: pl.Series, metadata: PhoneMetadata) -> pl.Series:
    """Return the type of each number, null where no such number is given out."""
    frame = nsn.to_frame("nsn").with_columns(length=nsn.str.len_bytes())
    fixed, mobile = _kind("fixed_line", metadata), _kind("mobile", metadata)
    same = metadata.same_mobile_and_fixed_line_pattern
    is_fixed, is_mobile = _matches(fixed), _matches(mobile)
    both = is_fixed if same else is_fixed & is_mobile
    usual = (
        pl.when(both)
        .then(pl.lit("fixed_line_or_mobile"))
        .when(is_fixed)
        .then(pl.lit("fixed_line"))
        .when(is_mobile)
        .then(pl.lit("mobile"))
    )
    special = list(_specials(metadata))
    if special:
        union = "|".join(kind.pattern for kind in special)
        frame = frame.with_columns(special=pl.col("nsn").str.contains(union))
        chosen = pl.coalesce(
            *(pl.when(_matches(kind)).then(pl.lit(kind.name)) for kind in special), usual
        )
        rare = frame.with_row_index("_i").filter("special").select("_i", chosen.alias("type"))
        frame = frame.select("nsn", "length", usual.alias("type"))
        types = frame["type"].scatter(rare["_i"], rare["type"])
    else:
        types = frame.select(usual.alias("type")).to_series()
    fits = frame.select(_matches(_general(metadata))).to_series()
    return pl.select(pl.when(fits).then(types)).to_series()


def _matches(kind: _Kind | None) -> pl.Expr:
    if kind is None:
        return pl.lit(value=False)
    return pl.col("nsn").str.contains(kind.pattern) & pl.col("length").is_in(
        pl.Series(kind.lengths, dtype=pl.UInt32).implode()
    )


def _specials(metadata: PhoneMetadata) -> Iterator[_Kind]:
    for name in _SPECIAL:
        kind = _kind(name, metadata)
        if kind is not None:
            yield kind


def _kind(name: str, metadata: PhoneMetadata) -> _Kind | None:
    desc: PhoneNumberDesc | None = getattr(metadata, name)
    if desc is None or not desc.national_number_pattern or desc.possible_length == (-1,):
        return None
    lengths = tuple(desc.possible_length) or _general(metadata).lengths
    return _Kind(name, f"^(?:{_ascii(desc.national_number_pattern)})$", lengths)


def _general(metadata: PhoneMetadata) -> _Kind:
    desc = metadata.general_desc
    if desc is None:
        return _Kind("", "^$", ())
    return _Kind(
        "", f"^(?:{_ascii(desc.national_number_pattern or '')})$", tuple(desc.possible_length)
    )


def _ascii(pattern: str) -> str:
    return pattern.replace(r"\d", "[0-9]")


@cache
def _metadata(region: str, code: int) -> PhoneMetadata | None:
    if region == "001":
        return PhoneMetadata.metadata_for_nongeo_region(code)
    return PhoneMetadata.metadata_for_region(region)
