"""Names of two or three words that stand in another order than is usual in their region."""

from dataclasses import dataclass, replace

from crmmigrate.values.name_evidence import long_order_evidence, order_evidence
from crmmigrate.values.name_order import capital_run, given_and_middle
from crmmigrate.values.name_words import NameWords
from crmmigrate.values.person import PersonName, cased_name, display_name

__all__ = ["NameReading", "read_turned", "usual_order"]


@dataclass(frozen=True, slots=True)
class NameReading:
    """What was read in a name cell; `value` is the display form."""

    value: str
    name: PersonName
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


_IN_DOUBT = 0.5
"""Evidence up to which the usual order stays."""


def read_turned(
    text: str,
    name: PersonName,
    cased: PersonName,
    cell: str,
    words: NameWords,
    evidence: float | None = None,
) -> NameReading | None:
    """Read a name if its words say that they are turned round, or may be.

    Args:
        text: The cell as it was.
        name: The name as its places say.
        cased: The same as names are written.
        cell: The cell without notes.
        words: What is known about names of the region.
        evidence: What `order_evidence` says of the name where that is known, None asks the words.
    """
    sure = _turned(cell, name, cased, words, evidence)
    if sure > _IN_DOUBT:
        return _usual(text, name, cased, words, sure)
    return _read_doubtful(name, cased, words, sure) if sure else None


def usual_order(name: PersonName, words: NameWords, evidence: float | None = None) -> PersonName:
    """Return a name in the usual order if its words, or the evidence, say that it is turned round."""
    if _evidence(cased_name(name, words), words, evidence) > _IN_DOUBT:
        return _turn(name, words)
    return name


def _words(name: PersonName) -> list[str]:
    return f"{name.given} {name.middle} {name.family}".split()


def _turn(name: PersonName, words: NameWords) -> PersonName:
    """Take the first word for the family name, and what follows it for the given names."""
    if words.family_first:
        return replace(name, given=name.family, family=name.given)
    family, *rest = _words(name)
    given, middle = given_and_middle(rest, words)
    return replace(name, given=given, middle=middle, family=family)


def _turned(
    cell: str, name: PersonName, cased: PersonName, words: NameWords, evidence: float | None
) -> float:
    """Return how sure it is that a name stands in the other order than usual."""
    if evidence == 0.0 or "," in cell or "،" in cell:
        return 0.0
    own = _words(name)
    core = [word for word in cell.split() if word in own]
    return 0.0 if capital_run(core) else _evidence(cased, words, evidence)


def _evidence(name: PersonName, words: NameWords, evidence: float | None) -> float:
    own = _words(name)
    if not name.given or not name.family or len(own) not in {2, 3}:
        return 0.0
    if len(own) == 2:
        return order_evidence(name.given, name.family, words) if evidence is None else evidence
    if words.family_first or words.two_families or " " in name.family:
        return 0.0
    return long_order_evidence(own) if evidence is None else evidence


def _usual(
    text: str, name: PersonName, usual: PersonName, words: NameWords, sure: float
) -> NameReading:
    """Read a name whose words say that they stand in the other order than usual."""
    first = display_name(usual, words)
    turned = _turn(name, words)
    cased = cased_name(turned, words)
    value = display_name(cased, words)
    message = "the words say which is the family name"
    codes = ("STD213",) if cased.family == turned.family else ("STD202", "STD213")
    status = "unchanged" if value == text else "normalised"
    return NameReading(value, cased, status, codes, message, sure, (first,))


def _read_doubtful(
    name: PersonName, cased: PersonName, words: NameWords, sure: float
) -> NameReading:
    """Read a name in the usual order although it may be the other."""
    value = display_name(cased, words)
    other = cased_name(_turn(name, words), words)
    message = "the family name may stand first"
    codes = ("STD204",) if cased == name else ("STD202", "STD204")
    return NameReading(
        value, cased, "ambiguous", codes, message, sure, (display_name(other, words),)
    )
