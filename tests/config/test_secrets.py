"""Secrets are references, resolved at the last moment and never shown."""

import pytest

from crmmigrate.config.secrets import literal_secrets, mask_argv, resolve, resolve_options
from crmmigrate.errors import ConfigError


def test_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIAL_PW", "s3cret")
    monkeypatch.delenv("TRIAL_NONE", raising=False)
    url = "postgresql://me:${env:TRIAL_PW}@host/db"
    assert resolve(url, root=tmp_path, where="x") == "postgresql://me:s3cret@host/db"
    assert resolve("${env:TRIAL_NONE:-data}/x", root=tmp_path, where="x") == "data/x"
    assert resolve("${env:TRIAL_NONE:-}", root=tmp_path, where="x") == ""
    with pytest.raises(
        ConfigError, match=r"sources.erp.url: the environment variable TRIAL_NONE is not set"
    ):
        resolve("${env:TRIAL_NONE}", root=tmp_path, where="sources.erp.url")


def test_a_file(tmp_path):
    (tmp_path / "pw").write_text("s3cret\n", encoding="utf-8")
    assert resolve("${file:pw}", root=tmp_path, where="x") == "s3cret"
    with pytest.raises(ConfigError, match="the secret file none cannot be read: no such file"):
        resolve("${file:none}", root=tmp_path, where="x")


def test_a_kind_that_is_not_there(tmp_path):
    with pytest.raises(
        ConfigError, match=r"unknown kind of reference '\$\{enw:…\}'; did you mean 'env'"
    ):
        resolve("${enw:X}", root=tmp_path, where="x")


def test_the_keyring_tells_what_to_install_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "keyring", None)
    with pytest.raises(ConfigError) as caught:
        resolve("${keyring:crm/me}", root=tmp_path, where="x")
    assert caught.value.hint == "pip install 'crmmigrate[keyring]'"


def test_nested_options(monkeypatch, tmp_path):
    monkeypatch.setenv("TRIAL_DIR", "legacy")
    options = {
        "path": "${env:TRIAL_DIR}",
        "datasets": {"a": {"file": "${env:TRIAL_DIR}/a", "key": ["id"]}},
        "n": 1,
    }
    assert resolve_options(options, root=tmp_path, where="sources.x") == {
        "path": "legacy",
        "datasets": {"a": {"file": "legacy/a", "key": ["id"]}},
        "n": 1,
    }


@pytest.mark.parametrize(
    "document",
    [
        {"password": "hunter2"},
        {"options": {"api_key": "hunter2"}},
        {"a": [{"client_secret": "hunter2"}]},
        {"db_password": 12345},
        {"token": "${env:TOKEN:-hunter2}"},
        {"url": "postgresql://me:hunter2@host/db"},
        {"url": "https://host/api?token=hunter2&x=1"},
        {"url": "mysql+pymysql://me:pre${env:X}@host/db"},
    ],
)
def test_a_written_out_secret_is_found_and_not_repeated(document):
    found = list(literal_secrets(document))
    assert len(found) == 1
    assert "hunter2" not in found[0][1]


@pytest.mark.parametrize(
    "document",
    [
        {"password": "${env:PW}"},
        {"token": None},
        {"url": "postgresql://me:${env:PW}@host/db"},
        {"url": "sqlite:///data/erp.db"},
        {"url": "https://host:8080/path"},
        {"key": ["id"], "tokens_per_row": 3},
        {"path": "${env:DATA:-../data}/x.db"},
    ],
)
def test_what_is_no_secret_is_left_alone(document):
    assert list(literal_secrets(document)) == []


def test_a_command_line_is_masked():
    argv = [
        "crmmigrate",
        "--password",
        "pw1",
        "--api-key=pw2",
        "postgresql://me:pw3@h/db",
        "-C",
        "x",
    ]
    masked = mask_argv(argv)
    assert masked == [
        "crmmigrate",
        "--password",
        "***",
        "--api-key=***",
        "postgresql://me:***@h/db",
        "-C",
        "x",
    ]
