"""Names to sign in with."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.values.logins import login_of


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("Nancy Davolio", "nancy.davolio"),
        ("Ștefan  O'Neill", "stefan.o_neill"),
        ("Łukasz Żółć-Nowak", "lukasz.zolc-nowak"),
        ("Иван Петров", "ivan.petrov"),
        ("Ion+CRM@X.example", "ion_crm@x.example"),
        ("😀", None),
        ("", None),
    ],
)
def test_of_names_and_addresses(text, login):
    assert login_of(text) == login


@given(st.text())
def test_few_signs_and_the_same_again(text):
    login = login_of(text)
    assert login is None or re.fullmatch(r"[a-z0-9@._-]+", login)
    assert login is None or login_of(login) == login
