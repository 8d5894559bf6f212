"""Code tables of numbered records: countries, their parts, tags, stages."""

from dataclasses import dataclass, field

__all__ = ["Meant", "WordTable"]


@dataclass(frozen=True, slots=True)
class Meant:
    """A word of a code table.

    Attributes:
        relation: Model of the code table.
        word: The word.
        country: Id of the country that a part of one belongs to; 0 for other tables.
    """

    relation: str
    word: str
    country: int = 0


@dataclass
class WordTable:
    """One code table.

    Attributes:
        ids: Country and word → id.
        codes: Country and code → id.
        words: Id → word.
    """

    ids: dict[tuple[int, str], int] = field(default_factory=dict)
    codes: dict[tuple[int, str], int] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)

    def id(self, meant: Meant) -> int | None:
        """Return the id of the record with a word, or with a code that is the word."""
        key = (meant.country, meant.word)
        return self.ids.get(key, self.codes.get(key))
