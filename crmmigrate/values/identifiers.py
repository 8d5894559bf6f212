"""Tax, registration, bank and person numbers, checked by python-stdnum."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from stdnum.exceptions import InvalidChecksum, ValidationError

from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import BLANK, Outcome, tidy
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["read_identifier"]

_INTERNATIONAL = ("iban", "bic", "lei", "isin", "imei", "ean", "isbn", "cusip")
_PACKAGES = {"IN": "in_", "IS": "is_", "EL": "gr", "DO": "do", "XI": "gb"}
_DECORATION = re.compile(r"^[\s.:;#'\"]+|[\s.:;'\"]+$")
_LABEL = re.compile(
    r"^(?:c\.?u\.?i\.?|c\.?i\.?f\.?|vat(?:\s*(?:no|nr|reg|number|id))?|iban|org(?:anisasjons)?\.?\s?(?:nr|no|nummer)|tax\s?(?:id|no)|"
    r"tin|cnp|ein|ssn|utr|ust[\s.-]*id[\s.-]*(?:nr)?|steuernr|uid|tva(?:\s?intra(?:communautaire)?)?|siren|siret|p\.?\s?iva|"
    r"partita\s?iva|c\.?f\.?|nif|nip|pesel|cvr(?:[\s.-]*nr)?|mva(?:[\s.-]*nr)?|เลขประจำตัวผู้เสียภาษี)(?![^\W\d_])[\s.:#-]*(?=\S*\d)",
    re.IGNORECASE,
)
"""What people write before a number; something of the number stands behind it."""


def read_identifier(text: str | None, region: str | None, kind: str | None = None) -> Outcome:
    """Write an identifier compactly and check its digits.

    Args:
        text: The cell.
        region: Country whose numbers are tried.
        kind: Name of the number in python-stdnum (vat, iban, cui, orgnr …). Without it only what
            is certain is rewritten: IBAN and the VAT number of the region. Everything else may be
            a number of the source itself, and stays as it is.
    """
    raw = tidy(text)
    if not raw:
        return BLANK
    if is_placeholder(raw):
        why = "stands for no number"
        return Outcome(text, "invalid", ("STD573",), why, _parts(None, valid=False), 0.0)
    if _DIGITS_LOST.match(raw):
        why = "a spreadsheet rounded its digits away"
        return Outcome(text, "invalid", ("STD575",), why, _parts(None, valid=False), 0.0)
    bare = _LABEL.sub("", _DECORATION.sub("", to_ascii_digits(raw)))
    float_ = _FLOAT.match(bare)
    if float_:
        found = _read(float_[1], float_[1], region, kind)
        if found.status == "invalid":
            return replace(found, value=text)
        return replace(found, status="repaired", codes=(*found.codes, "STD574"))
    return _read(text, bare, region, kind)


_FLOAT = re.compile(r"(\d{5,15})[.,]0$")
_DIGITS_LOST = re.compile(r"\d(?:[.,]\d+)?E\+\d{1,2}$|\d[.,]\d+E\d{1,2}$", re.IGNORECASE)
"""What Excel makes of a number of more than eleven digits."""


def _read(text: str | None, bare: str, region: str | None, kind: str | None) -> Outcome:
    if kind:
        return _of_kind(text, bare, region, kind)
    for module in _certain(bare, region):
        compact = _compact(module, bare)
        if compact:
            prefix = bare[:2].upper()
            full = compact if compact.startswith(prefix) else prefix + compact
            return _settled(text, full, module)
    wrong = next((m for m in _certain(bare, region) if _has_wrong_digits(m, bare)), None)
    if wrong is not None and not _looks_like_iban(bare):
        return _wrong(text, wrong)
    if _looks_like_iban(bare):
        why = "the check digits of this IBAN are wrong"
        return Outcome(text, "invalid", ("STD572",), why, _parts("iban", valid=False), 0.2)
    return _of_region(text, bare, region)


def _wrong(text: str | None, module: ModuleType) -> Outcome:
    name = _name(module)
    why = f"the check digits of this {name} are wrong"
    return Outcome(text, "invalid", ("STD572",), why, _parts(name, valid=False), 0.2)


def _of_region(text: str | None, bare: str, region: str | None) -> Outcome:
    """Name the kind of a number without a country before it, where exactly one of the region fits.

    A number that fits several kinds keeps its text, and one that fits none may be the source's own.
    """
    fitting = _fitting_kinds(bare, region) if region and _is_long(bare) else {}
    if len(fitting) == 1:
        ((module, compact),) = fitting.items()
        if len(_fitting_kinds(compact, region)) == 1:
            return _settled(text, compact, module)
    raw = tidy(text)
    written = [m for m, compact in fitting.items() if _as_formatted(m, compact) == bare]
    parts, others = _parts(None, valid=None), tuple(sorted(map(_name, fitting)))
    if len(written) == 1:
        parts, others = _parts(_name(written[0]), valid=True), ()
    elif not fitting and region and _is_long(bare):
        for module in _all_modules(region):
            if _has_wrong_digits(module, bare) and _is_formatted(module, bare):
                return _wrong(text, module)
    if raw == text:
        return Outcome(raw, "unchanged", parts=parts, alternatives=others)
    return Outcome(raw, "normalised", ("STD571",), parts=parts, alternatives=others)


_LEAST_DIGITS = 8
_MOST_SIGNS = 24
_DIGIT = re.compile(r"\d")


def _is_long(text: str) -> bool:
    """Tell whether a number has so many digits that its check digits say something."""
    return len(text) <= _MOST_SIGNS and len(_DIGIT.findall(text)) >= _LEAST_DIGITS


def _fitting_kinds(bare: str, region: str | None) -> dict[ModuleType, str]:
    """Return the kinds of a region that a number is valid as, with its compact spelling.

    Kinds that only gather others (`tin`, the VAT number that is a company's number) count where
    no other fits.
    """
    found = {m: c for m in _all_modules(region) if (c := _compact(m, bare)) is not None}
    vat = _vat(region) if region else None
    single = {
        m: c for m, c in found.items() if m is not vat and _name(m).split()[-1] not in _GATHER
    }
    return single or dict(list(found.items())[:1])


_GATHER = frozenset({"tin", "vat", "cf", "atin"})
_NO_KIND = frozenset({"iban", "postnummer", "postcode"})


@lru_cache(maxsize=512)
def _all_modules(region: str | None) -> tuple[ModuleType, ...]:
    names = sorted(_names(region) - _NO_KIND)
    found = (import_module(f"{_package(region)}.{name}") for name in names)
    return tuple(module for module in found if hasattr(module, "validate"))


def _as_formatted(module: ModuleType, compact: str) -> str | None:
    """Return how a number of a kind is usually written; None where it has no such spelling."""
    try:
        return str(module.format(compact)) if hasattr(module, "format") else None
    except (ValidationError, ValueError, IndexError, KeyError, TypeError):
        return None


def _is_formatted(module: ModuleType, text: str) -> bool:
    """Tell whether signs stand between the digits where only this kind has them."""
    plain = re.sub(r"[^0-9A-Za-z]", "", text)
    return plain != text and _as_formatted(module, plain) == text


def _has_wrong_digits(module: ModuleType, text: str) -> bool:
    """Tell whether a number has the shape of a kind and only its check digits are wrong."""
    try:
        module.validate(text)
    except InvalidChecksum:
        return True
    except (ValidationError, ValueError, IndexError, KeyError, TypeError, ArithmeticError):
        return False
    return False


def _name(module: ModuleType) -> str:
    return module.__name__.removeprefix("stdnum.").replace(".", " ").replace("_", "")


def _parts(kind: str | None, *, valid: bool | None) -> Mapping[str, str | None]:
    """Return which number it is, and whether its digits are right; None where nobody knows."""
    return {"kind": kind, "valid": None if valid is None else "true" if valid else "false"}


def _of_kind(text: str | None, bare: str, region: str | None, kind: str) -> Outcome:
    """Read a number whose kind is known; another country before it says whose it is, and stays."""
    prefix = bare[:2].upper() if bare[:2].isalpha() else None
    own = list(_modules(region, kind))
    others = list(_modules(prefix, kind)) if prefix and prefix != region else []
    for module in (*own, *others):
        compact = _compact(module, bare)
        if compact:
            foreign = module not in own and not compact.startswith(str(prefix))
            return _settled(text, f"{prefix}{compact}" if foreign else compact, module)
    why = (
        f"is no valid {kind}"
        if own or others
        else f"'{kind}' is not known in {region or 'no region'}"
    )
    return Outcome(text, "invalid", ("STD572",), why, _parts(kind, valid=False), 0.0)


def _settled(text: str | None, compact: str, module: ModuleType) -> Outcome:
    name = _name(module)
    parts = _parts(name, valid=True)
    if compact == text:
        return Outcome(compact, "unchanged", parts=parts)
    return Outcome(compact, "normalised", ("STD571",), f"valid {name}", parts)


def _compact(module: ModuleType, text: str) -> str | None:
    try:
        return str(module.validate(text))
    except ValidationError:
        return None
    except (ValueError, IndexError, KeyError, TypeError, ArithmeticError):
        return None


def _looks_like_iban(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?", text))


def _certain(text: str, region: str | None) -> Iterator[ModuleType]:
    if re.match(r"[A-Za-z]{2}\s?\d{2}", text) and len(text) >= 15:
        yield from _modules(None, "iban")
    prefix = re.match(r"([A-Za-z]{2})[\s.-]?\w{0,3}\d", text)
    if prefix and len(text) >= 8 and (region or "").upper() in {"", prefix[1].upper()}:
        yield from _modules(prefix[1].upper(), "vat")


def _modules(region: str | None, kind: str) -> Iterator[ModuleType]:
    wanted = kind.casefold()
    if wanted in _INTERNATIONAL:
        yield import_module(f"stdnum.{wanted}")
    names = _names(region)
    package = _package(region)
    if wanted in names:
        yield import_module(f"{package}.{wanted}")
    elif wanted == "vat" and region:
        module = _vat(region)
        if module:
            yield module


@lru_cache(maxsize=512)
def _vat(region: str) -> ModuleType | None:
    from stdnum import get_cc_module

    module = get_cc_module(region.lower(), "vat")
    return module if isinstance(module, ModuleType) else None


def _package(region: str | None) -> str:
    code = (region or "").upper()
    return f"stdnum.{_PACKAGES.get(code, code.lower())}"


@lru_cache(maxsize=512)
def _names(region: str | None) -> frozenset[str]:
    if not region:
        return frozenset()
    try:
        package = import_module(_package(region))
    except ModuleNotFoundError:
        return frozenset()
    return frozenset(module.name for module in iter_modules(package.__path__))
