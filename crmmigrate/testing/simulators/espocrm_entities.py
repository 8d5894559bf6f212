"""Definitions of entities of the simulated EspoCRM, as its metadata tells them under `entityDefs`.

A part of what version 8.4 has [src metadata/entityDefs], with a custom field for our record keys.
"""

from collections.abc import Mapping
from typing import Any

__all__ = ["ENTITIES", "Defs", "entity_defs"]

Defs = Mapping[str, Any]


def _text(length: int = 255, **more: object) -> Defs:
    return {"type": "varchar", "maxLength": length, **more}


_ADDRESS = ("Street", "City", "State", "Country", "PostalCode")
_USER_LINK = {"type": "belongsTo", "entity": "User"}


def entity_defs(
    fields: Mapping[str, Defs], links: Mapping[str, str], *, addresses: tuple[str, ...] = ()
) -> Defs:
    """Return the definition of an entity with what all have [src metadata/entityDefs]."""
    stamps = {"createdAt": {"type": "datetime", "readOnly": True}}
    stamps["modifiedAt"] = {"type": "datetime", "readOnly": True}
    parts = {f"{a}{p}": {"type": "varchar", "maxLength": 255} for a in addresses for p in _ADDRESS}
    own = {**fields, **parts, **{a: {"type": "address"} for a in addresses}, **stamps}
    own |= {name: {"type": "link"} for name in links}
    own |= {"assignedUser": {"type": "link"}, "cLegacyId": _text(255, isCustom=True)}
    own |= {"createdBy": {"type": "link", "readOnly": True}, "teams": {"type": "linkMultiple"}}
    targets = {name: {"type": "belongsTo", "entity": other} for name, other in links.items()}
    return {
        "fields": own,
        "links": {**targets, "assignedUser": _USER_LINK, "createdBy": _USER_LINK},
    }


_PERSON: Mapping[str, Defs] = {
    "name": {"type": "personName"},
    "salutationName": {"type": "enum", "options": ["", "Mr.", "Ms.", "Mrs.", "Dr."]},
    "firstName": _text(100),
    "emailAddress": {"type": "email"},
    "phoneNumber": {"type": "phone"},
    "title": _text(100, options=["Manager"]),
    "doNotCall": {"type": "bool"},
    "description": {"type": "text"},
}
_PARENT: Defs = {
    "type": "linkParent",
    "entityList": ["Account", "Contact", "Lead", "Opportunity", "Case"],
}
_WHEN: dict[str, Defs] = {"dateStart": {"type": "datetime", "required": True}}
_WHEN |= {"dateEnd": {"type": "datetime", "required": True}}
_STATES = ["Planned", "Held", "Not Held"]
_INDUSTRIES = ["", "Banking", "Construction", "Energy", "Finance", "Food & Beverage", "Healthcare"]
_INDUSTRIES += ["Manufacturing", "Retail", "Service", "Software", "Technology", "Transportation"]
ENTITIES: Mapping[str, Defs] = {
    "User": entity_defs(
        {
            **_PERSON,
            "lastName": _text(100, required=True),
            "userName": _text(50, required=True),
            "isActive": {"type": "bool"},
        },
        {},
    ),
    "Account": entity_defs(
        {
            "name": _text(249, required=True),
            "website": {"type": "url", "maxLength": 255},
            "emailAddress": {"type": "email"},
            "phoneNumber": {"type": "phone"},
            "type": {
                "type": "enum",
                "options": ["", "Customer", "Investor", "Partner", "Reseller"],
            },
            "industry": {
                "type": "enum",
                "options": _INDUSTRIES,
            },
            "sicCode": _text(40),
            "description": {"type": "text"},
        },
        {"campaign": "Campaign"},
        addresses=("billingAddress", "shippingAddress"),
    ),
    "Contact": entity_defs(
        {
            **_PERSON,
            "lastName": _text(100, required=True),
            "accountType": {"type": "foreign"},
            "accountAnyId": _text(utility=True),
        },
        {"account": "Account", "campaign": "Campaign"},
        addresses=("address",),
    ),
    "Lead": entity_defs(
        {
            **_PERSON,
            "lastName": _text(100),
            "accountName": _text(255),
            "website": {"type": "url", "maxLength": 255},
            "status": {
                "type": "enum",
                "options": ["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"],
                "default": "New",
            },
            "source": {
                "type": "enum",
                "options": ["", "Call", "Email", "Partner", "Web Site", "Campaign", "Other"],
            },
            "industry": {
                "type": "enum",
                "options": _INDUSTRIES,
            },
            "opportunityAmount": {"type": "currency", "min": 0},
        },
        {"campaign": "Campaign"},
        addresses=("address",),
    ),
    "Campaign": entity_defs(
        {
            "name": _text(255, required=True),
            "status": {
                "type": "enum",
                "options": ["Planning", "Active", "Inactive", "Complete"],
                "default": "Planning",
            },
            "type": {
                "type": "enum",
                "options": ["Email", "Newsletter", "Web", "Television", "Radio", "Mail"],
                "default": "Email",
            },
            "startDate": {"type": "date"},
            "endDate": {"type": "date"},
            "budget": {"type": "currency"},
            "description": {"type": "text"},
        },
        {},
    ),
    "Opportunity": entity_defs(
        {
            "name": _text(255, required=True),
            "amount": {"type": "currency", "required": True, "min": 0},
            "stage": {
                "type": "enum",
                "options": [
                    "Prospecting",
                    "Qualification",
                    "Proposal",
                    "Negotiation",
                    "Closed Won",
                    "Closed Lost",
                ],
                "default": "Prospecting",
            },
            "probability": {"type": "int", "min": 0, "max": 100},
            "leadSource": {"type": "enum", "options": ["", "Call", "Email", "Web Site", "Other"]},
            "closeDate": {"type": "date", "required": True},
            "description": {"type": "text"},
        },
        {"account": "Account", "contact": "Contact", "campaign": "Campaign"},
    ),
    "Case": entity_defs(
        {
            "name": _text(255, required=True),
            "number": {"type": "autoincrement", "readOnly": True},
            "status": {
                "type": "enum",
                "options": ["New", "Assigned", "Pending", "Closed", "Rejected", "Duplicate"],
                "default": "New",
            },
            "priority": {
                "type": "enum",
                "options": ["Low", "Normal", "High", "Urgent"],
                "default": "Normal",
            },
            "type": {"type": "enum", "options": ["", "Question", "Incident", "Problem"]},
            "description": {"type": "text"},
        },
        {"account": "Account", "contact": "Contact", "lead": "Lead"},
    ),
    "Task": entity_defs(
        {
            "name": _text(255, required=True),
            "status": {
                "type": "enum",
                "options": ["Not Started", "Started", "Completed", "Canceled", "Deferred"],
                "default": "Not Started",
            },
            "priority": {
                "type": "enum",
                "options": ["Low", "Normal", "High", "Urgent"],
                "default": "Normal",
            },
            "dateStart": {"type": "datetimeOptional"},
            "dateEnd": {"type": "datetimeOptional"},
            "description": {"type": "text"},
            "parent": _PARENT,
        },
        {},
    ),
    "Call": entity_defs(
        {
            "name": _text(255, required=True),
            "status": {"type": "enum", "options": _STATES, "default": "Planned"},
            **_WHEN,
            "direction": {"type": "enum", "options": ["Outbound", "Inbound"]},
            "description": {"type": "text"},
            "parent": _PARENT,
        },
        {},
    ),
    "Meeting": entity_defs(
        {
            "name": _text(255, required=True),
            "status": {"type": "enum", "options": _STATES, "default": "Planned"},
            **_WHEN,
            "description": {"type": "text"},
            "parent": _PARENT,
            "assignedUser": {"type": "link", "required": True},
        },
        {},
    ),
}
