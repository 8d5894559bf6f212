-- The ledger: the only mutable file of a workspace. Written ahead of every call to the target.
-- An operation of a plan that is not in `operations` is still planned: the plan itself is a
-- frozen artifact, so the list is not copied. Successes take one row; refusals have their
-- reasons in `outcomes`.

CREATE TABLE runs (
    plan       INTEGER PRIMARY KEY,
    plan_id    TEXT NOT NULL UNIQUE,
    run        TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('load', 'rollback')),
    target     TEXT NOT NULL,
    started_at TEXT NOT NULL,
    ended_at   TEXT
);

CREATE TABLE operations (
    plan        INTEGER NOT NULL REFERENCES runs (plan),
    op_id       TEXT NOT NULL,
    object      TEXT NOT NULL,
    action      TEXT NOT NULL,
    pass        INTEGER NOT NULL,
    external_id TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('sent', 'succeeded', 'rejected', 'unknown')),
    target_id   TEXT,
    attempt     INTEGER NOT NULL DEFAULT 1,
    undone_by   INTEGER REFERENCES runs (plan),
    PRIMARY KEY (plan, op_id)
) WITHOUT ROWID;

CREATE TABLE outcomes (
    plan        INTEGER NOT NULL REFERENCES runs (plan),
    op_id       TEXT NOT NULL,
    attempt     INTEGER NOT NULL,
    object      TEXT NOT NULL,
    external_id TEXT NOT NULL,
    status      TEXT NOT NULL,
    error_code  TEXT,
    error_field TEXT,
    message     TEXT,
    retriable   INTEGER NOT NULL DEFAULT 0,
    at          TEXT NOT NULL,
    PRIMARY KEY (plan, op_id, attempt)
) WITHOUT ROWID;

CREATE INDEX outcomes_by_record ON outcomes (plan, external_id);

-- Every source key ever loaded: golden_key is the external id of the record in the target.
CREATE TABLE crosswalk (
    target     TEXT NOT NULL,
    source_key TEXT NOT NULL,
    golden_key TEXT NOT NULL,
    object     TEXT NOT NULL,
    target_id  TEXT NOT NULL,
    PRIMARY KEY (target, source_key)
) WITHOUT ROWID;

CREATE INDEX crosswalk_by_target_id ON crosswalk (target, object, target_id);

CREATE TABLE judgements (
    object   TEXT NOT NULL,
    key_a    TEXT NOT NULL,
    key_b    TEXT NOT NULL,
    judgement TEXT NOT NULL,
    why      TEXT NOT NULL DEFAULT '',
    at       TEXT NOT NULL,
    PRIMARY KEY (object, key_a, key_b)
) WITHOUT ROWID;

CREATE TABLE watermarks (
    source  TEXT NOT NULL,
    dataset TEXT NOT NULL,
    value   TEXT NOT NULL,
    run     TEXT NOT NULL,
    PRIMARY KEY (source, dataset)
) WITHOUT ROWID;
