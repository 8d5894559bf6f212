"""Say how many there are of something, as a person would."""

__all__ = ["counted"]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 record`, `1,234 records`.

    Args:
        number: How many.
        one: What one of them is called, perhaps with what is said of it.
        many: The same for several; the noun with an s if it is empty.

    >>> counted(1, "record"), counted(0, "record"), counted(1234, "pair matches", "pairs match")
    ('1 record', '0 records', '1,234 pairs match')
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
