"""Databases are read and never touched."""

import hashlib
import sqlite3

import polars as pl
import pytest

from crmmigrate.adapters.batches import RESERVED
from crmmigrate.adapters.registry import open_source
from crmmigrate.adapters.sql_values import ColumnReader, value_text
from crmmigrate.errors import ConfigError, RemoteError, UsageError


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "data" / "erp base.db"
    path.parent.mkdir()
    with sqlite3.connect(path) as db:
        db.executescript(
            """
            CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, vat NUMERIC, logo BLOB);
            CREATE TABLE contacts (no VARCHAR(5) PRIMARY KEY, account_id INTEGER REFERENCES accounts(id),
                                   boss VARCHAR(5) REFERENCES contacts(no), note, updated_at TEXT);
            CREATE TABLE "odd ""name" (a, a2);
            CREATE VIEW v AS SELECT name FROM accounts;
            INSERT INTO accounts VALUES (2, 'B', 1, x'00ff'), (1, 'A', 1.5, NULL), (3, 'C', 'none', NULL);
            INSERT INTO contacts VALUES ('C2', 1, 'C1', 5, '2024-02-01'), ('C1', 2, NULL, 'x', '2024-01-01');
            """
        )
    db.close()
    return path


def source_of(path, **datasets):
    return open_source(
        {"adapter": "sql", "url": "sqlite:///data/erp base.db", "datasets": datasets},
        path.parent.parent,
    )


def test_tables_keys_references_and_types(database, read_all):
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    source = source_of(database, people={"table": "contacts"})
    catalog = source.describe()
    assert [d.name for d in catalog.datasets] == ["people", "accounts", 'odd "name']
    people = catalog.dataset("people")
    assert people.key == ("no",)
    assert people.rows == 2
    assert {c.name: c.references for c in people.columns if c.references} == {
        "account_id": ("accounts",),
        "boss": ("contacts",),
    }
    accounts = read_all(source, "accounts").drop(RESERVED)
    assert accounts.rows() == [
        (1, "A", "1.5", None),
        (2, "B", "1", b"\x00\xff"),
        (3, "C", "none", None),
    ]
    assert accounts.schema["id"] == pl.Int64
    assert accounts.schema["logo"] == pl.Binary
    assert read_all(source, "people")["note"].to_list() == ["x", "5"]
    assert read_all(source, "v")["name"].to_list() == ["A", "B", "C"]
    assert read_all(source, 'odd "name').height == 0
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
    assert sorted(p.name for p in database.parent.iterdir()) == ["erp base.db"]


def test_query_fields_and_since(database, read_all):
    source = source_of(
        database,
        q={"query": "SELECT no, ':x' AS colon FROM contacts ORDER BY account_id;"},
        c={"table": "contacts", "modified_at": "updated_at"},
        cq={"query": "SELECT * FROM contacts", "modified_at": "updated_at"},
    )
    assert read_all(source, "q").drop(RESERVED).rows() == [("C2", ":x"), ("C1", ":x")]
    assert [c.name for c in source.describe().dataset("q").columns] == ["no", "colon"]
    assert read_all(source, "c", since="2024-01-15")["no"].to_list() == ["C2"]
    assert read_all(source, "cq", since="2024-01-15")["no"].to_list() == ["C2"]
    assert read_all(source, "c", fields=["no"]).columns == [*RESERVED, "no"]


def test_only_reading_is_allowed(database, read_all):
    for query in ("DELETE FROM contacts", "", "PRAGMA writable_schema=1"):
        source = source_of(database, q={"query": query})
        with pytest.raises(UsageError, match="SELECT"):
            read_all(source, "q")
    sneaky = source_of(database, q={"query": "WITH x AS (SELECT 1) DELETE FROM contacts"})
    with pytest.raises((UsageError, RemoteError)):
        read_all(sneaky, "q")
    assert read_all(source_of(database), "contacts").height == 2


def test_text_that_is_not_utf8_rejects_only_its_row(database, read_all):
    with sqlite3.connect(database) as db:
        db.execute("INSERT INTO contacts (no, note) VALUES ('C3', CAST(x'4275ba' AS TEXT))")
    db.close()
    frame = read_all(source_of(database), "contacts")
    assert frame.filter(pl.col("no").is_not_null()).height == 2
    bad = frame.filter(pl.col("_rejected").is_not_null())
    assert bad["_rejected"].to_list() == ["EXT105"]
    assert "Bu\\xba" in bad["_text"].item()


def test_what_is_missing_or_wrong(database, tmp_path, read_all, write_file):
    with pytest.raises(UsageError, match="no such file"):
        open_source({"adapter": "sql", "url": "sqlite:///gone.db"}, tmp_path)
    assert not (tmp_path / "gone.db").exists()
    write_file("text.db", "this is a text and no database at all, but long enough" * 20)
    with pytest.raises(UsageError, match="no SQLite database"):
        open_source({"adapter": "sql", "url": "sqlite:///text.db"}, tmp_path).describe()
    with pytest.raises(UsageError, match="did you mean 'contacts'"):
        source_of(database, c={"table": "contcts"}).describe()
    with pytest.raises(UsageError, match="refuses the query"):
        read_all(source_of(database, c={"query": "SELECT nothing FROM nowhere"}), "c")
    with pytest.raises(UsageError, match="kind of database"):
        open_source({"adapter": "sql", "url": "oracel://x"}, tmp_path)
    with pytest.raises(UsageError, match="no database URL"):
        open_source({"adapter": "sql", "url": "erp.db"}, tmp_path)
    with pytest.raises(UsageError, match="must be a SQLite file"):
        open_source({"adapter": "sql", "url": "sqlite://"}, tmp_path)
    with pytest.raises(ConfigError, match="url"):
        open_source({"adapter": "sql"}, tmp_path)


def test_secrets_of_a_url_are_never_shown(tmp_path):
    with pytest.raises(UsageError) as caught:
        open_source({"adapter": "sql", "url": "mssql+nodriver://u:s3cret@h/x"}, tmp_path)
    error = caught.value
    assert "s3cret" not in f"{error} {error.hint} {error.causes}"


def test_value_text():
    from decimal import Decimal

    values = [True, 1.0, 0.1, Decimal("1E+2"), b"ab", {"a": 1}, None, "x", 7]
    assert [value_text(v) for v in values] == [
        "true",
        "1",
        "0.1",
        "100",
        "ab",
        '{"a": 1}',
        None,
        "x",
        "7",
    ]
    assert ColumnReader(None).read([None, Decimal("1.10")]).to_pylist() == [None, "1.10"]
    assert ColumnReader(None).read([1, 2**70]).to_pylist() == ["1", str(2**70)]


@pytest.mark.shared
@pytest.mark.parametrize(("name", "tables"), [("chinook", 11), ("northwind", 13)])
def test_legacy_databases_are_read_whole(shared_data, read_all, name, tables):
    path = shared_data / "legacy" / name / f"{name}.sqlite"
    before = path.stat().st_mtime_ns
    source = open_source({"adapter": "sql", "url": f"sqlite:///{path}"}, path.parent)
    catalog = source.describe()
    assert len(catalog.datasets) == tables
    for dataset in catalog.datasets:
        frame = read_all(source, dataset.name)
        assert frame.height == dataset.rows
        assert frame.get_column("_rejected").null_count() == frame.height if frame.height else True
    assert path.stat().st_mtime_ns == before
