"""Move customer data out of legacy systems into a CRM, and clean it on the way."""

__version__ = "0.1.0"
