"""The contract of targets, kept by a real CardDAV server through a mapping.

An address book has cards only: objects that are no contacts are told apart by kinds of our own, and
what cards have no property for stands in properties of our own.
"""

import pytest

from crmmigrate.adapters.base import Target
from crmmigrate.adapters.carddav import open_native
from crmmigrate.adapters.mapped import MappedTarget
from crmmigrate.config.targets import load_target_mapping
from crmmigrate.testing.contract import TargetContract
from crmmigrate.testing.worlds import small_model

PROPERTIES = "X-REVENUE,X-AMOUNT,X-VALID,X-ACTIVE,X-SEEN,X-NUMBER"
MAPPING = """\
adapter: carddav
objects:
  user: {name: card, constants: {kind: x-user}, fields: {name: name, manager: manager}}
  account:
    name: card
    constants: {kind: org}
    fields:
      name: name
      kind: {to: gender, values: {customer: M, supplier: F}}
      revenue: X-REVENUE
      revenue_amount: X-AMOUNT
      phone: phone
      phone_valid: X-VALID
      parent: parent
  contact:
    name: card
    constants: {kind: individual}
    fields: {name: name, email: email, born: birthday, active: X-ACTIVE, seen: X-SEEN, account: employer}
  invoice: {name: card, constants: {kind: x-invoice, name: bill}, fields: {number: X-NUMBER, account: employer}}
  note: {name: card, constants: {kind: x-note, name: note}, fields: {body: note, about: employer}}
  attachment: {name: card, constants: {kind: x-file, name: file}, fields: {content: photo, parent: employer}}
"""


class TestCardDav(TargetContract):
    @pytest.fixture(autouse=True)
    def _served(self, carddav, book):
        self.options = carddav.options(book, properties=PROPERTIES)

    def open(self, folder) -> Target:
        place = folder / "mappings" / "carddav"
        place.mkdir(parents=True, exist_ok=True)
        (place / "from_canonical.yaml").write_text(MAPPING, encoding="utf-8")
        model = small_model()
        native = open_native(self.options, folder)
        return MappedTarget(native, load_target_mapping("carddav", model, folder), model)
