"""One of something is told as one."""

import pytest

from crmmigrate.model.counting import counted


@pytest.mark.parametrize(
    ("number", "words", "told"),
    [
        (0, ("record",), "0 records"),
        (1, ("record",), "1 record"),
        (1234, ("record",), "1,234 records"),
        (1, ("pair matches", "pairs match"), "1 pair matches"),
        (2, ("pair matches", "pairs match"), "2 pairs match"),
    ],
)
def test_counted(number, words, told):
    assert counted(number, *words) == told
