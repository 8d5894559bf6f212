"""A missing server is a skip here, and a failure in CI unless its registry was out of reach."""

import pytest
from servers.absence import give_up, why_unreached

PIP = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/trytond/
ERROR: Could not find a version that satisfies the requirement trytond==8.0.1
"""
APT = """\
Err:1 http://deb.example bookworm InRelease
  Temporary failure resolving 'deb.example'
E: Unable to locate package postgresql
"""
WRONG = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n"


@pytest.mark.parametrize(("said", "found"), [(PIP, "broken by"), (APT, "resolving"), (WRONG, "")])
def test_what_installers_say_is_judged(tmp_path, said, found):
    (tmp_path / "some.log").write_text(said, encoding="utf-8")
    why = why_unreached("some", tmp_path)
    assert found in why
    assert bool(why) == bool(found)


def test_without_an_installer_there_is_no_excuse(tmp_path):
    assert why_unreached("some", tmp_path) == ""


@pytest.mark.parametrize("told", [{}, {"CI": ""}, {"CI": "false"}])
def test_at_home_it_is_skipped(told):
    with pytest.raises(pytest.skip.Exception, match="SKIPPED LOUDLY: no some"):
        give_up("some", "everything", "", told)


def test_in_ci_it_fails():
    with pytest.raises(pytest.fail.Exception, match="must be there"):
        give_up("some", "everything", "", {"CI": "true"})


def test_in_ci_it_is_skipped_if_it_could_not_be_had():
    with pytest.raises(pytest.skip.Exception, match=r"IN CI: .* because the registry is away"):
        give_up("some", "everything", "the registry is away", {"CI": "true"})
