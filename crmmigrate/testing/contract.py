"""The contract every target keeps: inherit `TargetContract` in a test module of yours.

    class TestMyTarget(TargetContract):
        def open(self, folder: Path) -> Target:
            return MyTarget(folder, small_model())

The target must have the objects of `small_model`. Every test opens it anew in an empty folder.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from crmmigrate.adapters.base import Claimable, Source, Target
from crmmigrate.changes.compare import column_kinds, differs
from crmmigrate.model.operations import OUTCOME
from crmmigrate.model.semantic import SemanticType
from crmmigrate.stages.carrying import can_link
from crmmigrate.testing.worlds import small_model

__all__ = ["TargetContract", "operations_frame"]


def operations_frame(
    rows: Sequence[Mapping[str, object]], *, start: int = 1, **types: pl.DataType
) -> pl.DataFrame:
    """Return operation rows as `write` takes them.

    Args:
        rows: `external_id`, perhaps `target_id` and `changed`, and payload columns by plain name.
        start: Number of the first operation id.
        types: Types of payload columns that are not text.
    """
    fixed = ("external_id", "target_id", "changed")
    names = dict.fromkeys(n for row in rows for n in row if n not in fixed)
    data: dict[str, list[object]] = {
        "op_id": [f"op.{start + i}" for i in range(len(rows))],
        "external_id": [row["external_id"] for row in rows],
        "target_id": [row.get("target_id") for row in rows],
        "changed": [row.get("changed", []) for row in rows],
        **{f"to.{n}": [row.get(n) for row in rows] for n in names},
    }
    schema = {
        "op_id": pl.String(),
        "external_id": pl.String(),
        "target_id": pl.String(),
        "changed": pl.List(pl.String),
        **{f"to.{n}": types.get(n, pl.String()) for n in names},
    }
    return pl.DataFrame(data, schema=pl.Schema(schema))


class TargetContract:
    """Checks that hold for every target that keeps external ids."""

    def open(self, folder: Path) -> Target:
        """Return the target under test; override this."""
        raise TypeError(f"override open() to return the target for {folder}")

    def test_is_a_target(self, tmp_path: Path) -> None:
        """It has the four verbs, says that it can write, and describes its objects."""
        target = self.open(tmp_path)
        _require(isinstance(target, Source), "is a source")
        _require(isinstance(target, Target), "is a target")
        _require(target.capabilities.can_write, "says that it can write")
        _require(target.capabilities.batch_size >= 1, "takes batches")
        account = target.describe().dataset("account")
        _require(account is not None and not account.rows, "describes empty objects")

    def test_empty_target_has_no_records(self, tmp_path: Path) -> None:
        """Reading before anything was written gives nothing and harms nothing."""
        target = self.open(tmp_path)
        _require(_fetch(target, "account").is_empty(), "no records")
        _require(_fetch(target, "account", ["a/1"]).is_empty(), "no records by key")

    def test_what_went_in_comes_out(self, tmp_path: Path) -> None:
        """Every kind of value survives the round trip; points in time as the same instant."""
        target = self.open(tmp_path)
        account = {
            "external_id": "a:account:x/1",
            "name": "Ünïcode 株式会社 😀 \"quoted\" 'n' \\ %s ;--",
            "kind": "customer",
            "revenue": "1234567890123456.10 EUR",
            "revenue_amount": "1234567890123456.10",
            "phone": "+40722123456",
            "phone_valid": "true",
        }
        contact = {
            "external_id": "a:contact:x/1",
            "name": "Line\nbreak\tand tab ",
            "born": "1912-02-29",
            "active": "false",
            "seen": "2024-03-31T02:30:00+02:00",
            "account": f"account:{_create(target, 'account', account)}",
        }
        _create(target, "contact", contact)
        for object_, record in (("account", account), ("contact", contact)):
            found = _fetch(target, object_).row(0, named=True)
            kinds = column_kinds(small_model().objects[object_])
            for name, value in record.items():
                shown = found["_external_id" if name == "external_id" else name]
                same = _same(shown, value, kinds.get(name, SemanticType.EXTERNAL_ID))
                _require(same, f"{object_}.{name}: {shown!r} instead of {value!r}")
            empty = set(found) - set(record) - {"_id", "_external_id", "_modified_at"}
            _require(all(found[n] is None for n in empty), "what was not written is empty")

    def test_bytes_survive(self, tmp_path: Path) -> None:
        """Attachments come back byte for byte."""
        target = self.open(tmp_path)
        content = bytes(range(256)) * 50
        rows = [{"external_id": "a:attachment:x/1", "content": content}]
        target.write("attachment", "create", operations_frame(rows, content=pl.Binary()))
        _require(_fetch(target, "attachment")["content"].to_list() == [content], "the same bytes")

    def test_one_outcome_for_each_operation(self, tmp_path: Path) -> None:
        """Outcomes are matched by operation id, with the id of the record."""
        target = self.open(tmp_path)
        frame = operations_frame(
            [{"external_id": f"a:account:x/{i}", "name": f"N{i}"} for i in range(50)]
        )
        outcomes = target.write("account", "create", frame.sample(50, shuffle=True, seed=1))
        _require(dict(outcomes.schema) == dict(OUTCOME), "the declared schema")
        _require(set(outcomes["op_id"]) == set(frame["op_id"]), "one for each")
        told = frame.join(outcomes, on="op_id").join(
            _fetch(target, "account"), left_on="external_id", right_on="_external_id"
        )
        _require(told["target_id_right"].to_list() == told["_id"].to_list(), "the right ids")

    def test_bad_rows_are_alone(self, tmp_path: Path) -> None:
        """A refused row does not take others with it, and tells code, field and reason."""
        target = self.open(tmp_path)
        rows: list[dict[str, object]] = [
            {"external_id": f"a:account:x/{i}", "name": f"N{i}", "kind": "customer"}
            for i in range(40)
        ]
        rows[3]["name"] = None
        rows[17]["kind"] = "enemy"
        account = target.describe().dataset("account")
        limits = {c.name: c.max_length for c in account.columns} if account else {}
        longest = limits.get("name")
        rows[39]["name"] = "x" * (longest + 1) if longest else None
        outcomes = target.write("account", "create", operations_frame(rows)).sort(
            pl.col("op_id").str.slice(3).cast(pl.Int64)
        )
        refused = outcomes.filter(pl.col("status") == "rejected")
        _require(refused["op_id"].to_list() == ["op.4", "op.18", "op.40"], "only the bad ones")
        _require(
            refused["error_field"].to_list() == ["name", "kind", "name"], "each with its field"
        )
        _require(refused["message"].null_count() == 0, "each with a reason")
        _require(refused["target_id"].null_count() == 3, "no record for them")
        _require(_fetch(target, "account").height == 37, "the others are there")

    def test_broken_links_are_refused(self, tmp_path: Path) -> None:
        """A reference to a record that is not there is refused, polymorphic or not."""
        target = self.open(tmp_path)
        one = _create(target, "account", {"external_id": "a:account:x/1", "name": "N"})
        notes = [
            {"external_id": "a:note:x/1", "body": "good", "about": f"account:{one}"},
            {"external_id": "a:note:x/2", "body": "nowhere", "about": "contact:987654"},
        ]
        outcomes = target.write("note", "create", operations_frame(notes))
        _require(outcomes["status"].to_list() == ["succeeded", "rejected"], "polymorphic")
        _require(outcomes["error_field"].to_list() == [None, "about"], "names the field")
        lost = {"external_id": "a:contact:x/1", "name": "N", "account": "account:987654"}
        told = target.write("contact", "create", operations_frame([lost]))
        _require(told["status"].to_list() == ["rejected"], "plain")

    def test_create_twice_gives_one_record(self, tmp_path: Path) -> None:
        """A create that is repeated succeeds with the id of the first, and changes nothing."""
        target = self.open(tmp_path)
        first = _create(target, "account", {"external_id": "a:account:x/1", "name": "first"})
        again = _create(target, "account", {"external_id": "a:account:x/1", "name": "again"})
        _require(first == again, "the same id")
        _require(_fetch(target, "account")["name"].to_list() == ["first"], "one record, unchanged")
        twice = [{"external_id": "a:account:x/2", "name": "b"}] * 2
        outcomes = target.write("account", "create", operations_frame(twice))
        _require(outcomes["target_id"].n_unique() == 1, "also within one batch")

    def test_update_writes_changed_columns_only(self, tmp_path: Path) -> None:
        """Columns outside `changed` stay, whatever the frame holds for them."""
        target = self.open(tmp_path)
        one = _create(
            target, "account", {"external_id": "a:account:x/1", "name": "N", "phone": "1"}
        )
        change = {
            "external_id": "a:account:x/1",
            "target_id": one,
            "changed": ["kind", "name"],
            "name": "M",
            "kind": "supplier",
            "phone": None,
        }
        before = _fetch(target, "account")["_modified_at"][0]
        outcomes = target.write("account", "update", operations_frame([change]))
        _require(outcomes["status"].to_list() == ["succeeded"], "succeeds")
        row = _fetch(target, "account").row(0, named=True)
        _require((row["name"], row["kind"], row["phone"]) == ("M", "supplier", "1"), "what it says")
        _require(row["_modified_at"] >= before, "the stamp moves on")

    def test_update_of_a_missing_record_is_refused(self, tmp_path: Path) -> None:
        """There is nothing to update, and nothing is created."""
        target = self.open(tmp_path)
        change = {
            "external_id": "a:account:x/1",
            "target_id": "4711",
            "changed": ["name"],
            "name": "M",
        }
        outcomes = target.write("account", "update", operations_frame([change]))
        _require(outcomes["status"].to_list() == ["rejected"], "refused")
        _require(_fetch(target, "account").is_empty(), "nothing created")

    def test_update_can_clear(self, tmp_path: Path) -> None:
        """A null in a changed column empties it, references too."""
        target = self.open(tmp_path)
        boss = _create(target, "user", {"external_id": "a:user:x/1", "name": "Boss"})
        one = _create(
            target, "user", {"external_id": "a:user:x/2", "name": "One", "manager": f"user:{boss}"}
        )
        change = {
            "external_id": "a:user:x/2",
            "target_id": one,
            "changed": ["manager"],
            "manager": None,
        }
        target.write("user", "update", operations_frame([change]))
        _require(_fetch(target, "user", ["a:user:x/2"])["manager"].to_list() == [None], "cleared")

    def test_a_record_made_by_others_is_claimed(self, tmp_path: Path) -> None:
        """It is found by our key from then on, once and under its id, and can be let go again."""
        target = self.open(tmp_path)
        if not can_link(target, "account") or not isinstance(target, Claimable):
            return
        one = _create(target, "account", {"external_id": "a:account:x/1", "name": "N"})
        claim = pl.DataFrame(
            {"op_id": ["op.1"], "target_id": [one], "external_id": ["b:account:x/2"]}
        )
        free = claim.with_columns(external_id=pl.lit(None, pl.String))
        lost = claim.with_columns(target_id=pl.lit("4711"))
        for _ in range(2):
            outcomes = target.claim("account", free)
            _require(outcomes["status"].to_list() == ["succeeded"], "let go, also when repeated")
        _require(_fetch(target, "account")["_external_id"].to_list() == [None], "without a key")
        for _ in range(2):
            outcomes = target.claim("account", claim)
            _require(outcomes["status"].to_list() == ["succeeded"], "claimed, also when repeated")
            _require(outcomes["target_id"].to_list() == [one], "with its id")
        found = _fetch(target, "account", ["b:account:x/2"])
        _require(found.select("_id", "name").rows() == [(one, "N")], "found by our key, unchanged")
        outcomes = target.claim("account", lost)
        _require(outcomes["status"].to_list() == ["rejected"], "a record that is gone is refused")

    def test_delete_and_restore(self, tmp_path: Path) -> None:
        """A deleted record is out of sight; creating it again brings it back."""
        target = self.open(tmp_path)
        if not target.capabilities.can_delete:
            return
        one = _create(target, "account", {"external_id": "a:account:x/1", "name": "N"})
        gone = operations_frame([{"external_id": "a:account:x/1", "target_id": one}])
        for _ in range(2):
            outcomes = target.write("account", "delete", gone)
            _require(outcomes["status"].to_list() == ["succeeded"], "also when repeated")
        _require(_fetch(target, "account").is_empty(), "out of sight")
        back = _create(target, "account", {"external_id": "a:account:x/1", "name": "M"})
        _require(_fetch(target, "account")["name"].to_list() == ["M"], "back with new values")
        _require(back == one or not target.capabilities.restores_deleted, "under its old id")

    def test_purge_refuses_what_is_needed(self, tmp_path: Path) -> None:
        """A record that others point to stays; without them it goes for good."""
        target = self.open(tmp_path)
        if not target.capabilities.can_delete:
            return
        one = _create(target, "account", {"external_id": "a:account:x/1", "name": "N"})
        note = _create(
            target, "note", {"external_id": "a:note:x/1", "body": "b", "about": f"account:{one}"}
        )
        bill = _create(
            target, "invoice", {"external_id": "a:invoice:x/1", "account": f"account:{one}"}
        )
        purge = operations_frame([{"external_id": "a:account:x/1", "target_id": one}])
        for object_, number in (("note", note), ("invoice", bill)):
            told = target.write("account", "purge", purge)
            _require(told["error_code"].to_list() == ["STILL_REFERENCED"], f"needed by {object_}")
            rows = [{"external_id": "x", "target_id": number}]
            target.write(object_, "purge", operations_frame(rows))
        told = target.write("account", "purge", purge)
        _require(told["status"].to_list() == ["succeeded"], "then it goes")
        _require(_fetch(target, "account").is_empty(), "and is gone")

    def test_fetch_by_id_and_by_external_id(self, tmp_path: Path) -> None:
        """Both keys find the same record; unknown keys find nothing; fields can be chosen."""
        target = self.open(tmp_path)
        rows = [{"external_id": f"a:account:x/{i}", "name": f"N{i}"} for i in range(5)]
        target.write("account", "create", operations_frame(rows))
        by_key = _fetch(target, "account", ["a:account:x/3", "unknown", "unknown"])
        _require(by_key["name"].to_list() == ["N3"], "by external id")
        keys = pl.Series([by_key["_id"][0], "999999"])
        batches = list(target.fetch("account", keys, "id", ["kind", "name"]))
        by_id = pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in batches])
        _require(by_id["_external_id"].to_list() == ["a:account:x/3"], "by id")
        _require("phone" not in by_id.columns and "name" in by_id.columns, "only chosen fields")

    def test_read_gives_every_record(self, tmp_path: Path) -> None:
        """A target can be a source, too."""
        target = self.open(tmp_path)
        rows = [{"external_id": f"a:account:x/{i}", "name": f"N{i}"} for i in range(5)]
        target.write("account", "create", operations_frame(rows))
        found = pl.concat([pl.DataFrame(pl.from_arrow(b)) for b in target.read("account")])
        _require(found["_row"].to_list() == [1, 2, 3, 4, 5], "numbered")
        _require(
            {"_rejected", "_excluded", "_text"} <= set(found.columns),
            "with every column of a source",
        )
        dataset = target.describe().dataset("account")
        _require(dataset is not None and dataset.rows in {5, None}, "counted")


def _create(target: Target, object_: str, record: Mapping[str, object]) -> str:
    outcomes = target.write(object_, "create", operations_frame([record]))
    row = outcomes.row(0, named=True)
    _require(row["status"] == "succeeded", f"created: {row['error_code']} {row['message']}")
    return str(row["target_id"])


def _fetch(target: Target, object_: str, keys: Sequence[str] | None = None) -> pl.DataFrame:
    wanted = None if keys is None else pl.Series("key", list(keys), dtype=pl.String)
    frames = [pl.DataFrame(pl.from_arrow(b)) for b in target.fetch(object_, wanted, "external_id")]
    return pl.concat(frames) if frames else pl.DataFrame()


def _same(shown: object, value: object, kind: SemanticType) -> bool:
    """Return whether two values mean the same; texts must be equal."""
    if isinstance(value, bytes):
        return shown == value
    pair = pl.DataFrame({"a": [shown], "b": [value]}, schema={"a": pl.String, "b": pl.String})
    return not pair.select(differs(pl.col("a"), pl.col("b"), kind)).item()


def _require(met: bool, what: str) -> None:
    if not met:
        raise AssertionError(what)
