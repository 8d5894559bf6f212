"""Where a person can look at a record: the addresses that CRMs give their pages."""

import pytest

from crmmigrate.adapters.base import Linked
from crmmigrate.adapters.odoo import open_native as open_odoo
from crmmigrate.adapters.rest import open_espocrm, open_suitecrm

ODOO = {"database": "crm", "user": "admin", "password": "secret"}
SUITE = {"client_id": "one", "client_secret": "two"}


@pytest.mark.parametrize(
    ("opened", "options", "object_", "page"),
    [
        (open_espocrm, {"api_key": "k"}, "Contact", "#Contact/view/a1%2F"),
        (
            open_suitecrm,
            SUITE,
            "Contacts",
            "index.php?module=Contacts&action=DetailView&record=a1%2F",
        ),
        (open_odoo, ODOO, "res.partner", "web#id=a1%2F&model=res.partner&view_type=form"),
    ],
)
def test_the_page_of_a_record(tmp_path, opened, options, object_, page):
    crm = opened({"url": "https://crm.example/", **options}, tmp_path)
    assert isinstance(crm, Linked)
    assert crm.record_url(object_, "a1/") == f"https://crm.example/{page}"
    crm.close()
