"""What CRMs share whose records are numbered within models: Odoo and Tryton.

Functions and small values, no base class: each adapter says in its own modules what its CRM does.
"""
