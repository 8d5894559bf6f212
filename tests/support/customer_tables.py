"""A customer's own CRM tables, in words that all databases understand, and how they are mapped."""

import sqlalchemy as sa

MAPPING = """\
adapter: tables
objects:
  account:
    name: firms
    fields:
      name: title
      phone: tel
      type: {to: kind, values: {customer: C, supplier: S}}
      billing_address_locality: town
      annual_revenue_amount: turnover
      created_on: made
    left_out: {fax: the customer gave up faxes}
  contact:
    name: people
    fields:
      name: full_name
      email: mail
      phone: tel
      account: firm
      status: {to: active, values: {active: "true", inactive: "false"}}
      birth_date: born
"""


def make(engine, kind, *, keyed=True):
    """Make the tables, and a row that nobody of us has written; without `keyed` none has our column."""
    moment = sa.DateTime(timezone=kind == "postgresql")
    metadata = sa.MetaData()
    sa.Table(
        "firms",
        metadata,
        sa.Column("no", sa.Integer, primary_key=True),
        *_key(keyed),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("tel", sa.String(30)),
        sa.Column("kind", sa.String(1)),
        sa.Column("town", sa.String(80)),
        sa.Column("turnover", sa.Numeric(12, 2)),
        sa.Column("made", moment),
        sa.Column("notes", sa.Text),
        sa.CheckConstraint("kind IN ('C', 'S')", name="kinds"),
        mysql_charset="utf8mb4",
    )
    sa.Table(
        "people",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        *_key(keyed),
        sa.Column("full_name", sa.String(80), nullable=False),
        sa.Column("mail", sa.String(120), unique=True),
        sa.Column("tel", sa.String(30)),
        sa.Column("firm", sa.Integer, sa.ForeignKey("firms.no")),
        sa.Column("active", sa.Boolean),
        sa.Column("born", sa.Date),
        sa.Column("photo", sa.LargeBinary),
    )
    sa.Table("settings", metadata, sa.Column("name", sa.String(40), primary_key=True))
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO firms (title) VALUES ('Old Firm')"))


def _key(keyed):
    return [sa.Column("legacy_id", sa.String(120), unique=True)] if keyed else []
