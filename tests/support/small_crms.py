"""EspoCRM and SuiteCRM with custom objects for the small model, and mappings to them.

Both let people make objects of their own; here one for each object of the model, so that the
contract and the fault schedules, which need those objects, run under the rules of each system.
"""

from ruamel.yaml import YAML

from crmmigrate.config.bundled import bundled_path
from crmmigrate.model.semantic import SemanticType as Kind
from crmmigrate.testing.simulators.espocrm import API_KEY, EspoCrm
from crmmigrate.testing.simulators.espocrm_entities import entity_defs
from crmmigrate.testing.simulators.suitecrm import CLIENT_ID, CLIENT_SECRET, SuiteCrm
from crmmigrate.testing.simulators.suitecrm_modules import module_fields
from crmmigrate.testing.worlds import small_model

ESPO = {"description": "espocrm", "api_key": API_KEY, "skip_duplicate_check": True}
SUITE = {"description": "suitecrm", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def espo_name(object_):
    return "CSmall" + "".join(part.capitalize() for part in object_.split("_"))


def suite_name(object_):
    return f"abc_{object_}"


def espo_crm(folder):
    """Return the simulated EspoCRM; write its description and mapping into the project."""
    entities, specs = {}, {}
    for name, object_type in small_model().objects.items():
        fields, links, told = {}, {}, {}
        for column in object_type.columns:
            field = object_type.fields.get(column)
            if field is not None and len(field.references) == 1:
                links[column] = espo_name(field.references[0])
            elif field is not None and field.references:
                fields[column] = {"type": "linkParent"}
                told[column] = {"type_in": f"{column}Type", "id_in": f"{column}Id"}
                told[column]["references"] = [espo_name(o) for o in field.references]
            else:
                fields[column] = espo_field(field)
                if field is not None and field.type is Kind.BINARY:
                    told[column] = {"type": "binary"}
        entities[espo_name(name)] = entity_defs(fields, links)
        specs[espo_name(name)] = {"fields": told}
    describe("espocrm", folder, specs, espo_name, lambda field, column: f"{column}Id")
    return EspoCrm(folder / "espo.db", entities)


def espo_field(field):
    if field is None or field.type not in {Kind.CHOICE, Kind.BOOLEAN, Kind.DATE, Kind.DATETIME}:
        length = field.max_length if field is not None else None
        told = {"type": "varchar", "maxLength": length} if length else {"type": "text"}
        return {**told, "required": field is not None and field.required}
    kinds = {Kind.BOOLEAN: "bool", Kind.DATE: "date", Kind.DATETIME: "datetime"}
    if field.type is Kind.CHOICE:
        return {"type": "enum", "options": ["", *field.choices]}
    return {"type": kinds[field.type]}


def suite_crm(folder):
    """Return the simulated SuiteCRM; write its description and mapping into the project."""
    modules, specs = {}, {}
    for name, object_type in small_model().objects.items():
        fields, told = {}, {}
        for column in object_type.columns:
            field = object_type.fields.get(column)
            if field is not None and field.references:
                pointed = {"references": [suite_name(o) for o in field.references]}
                if len(field.references) > 1:
                    pointed |= {"type_in": f"{column}_type", "id_in": f"{column}_id"}
                    fields |= {f"{column}_type": {"type": "parent_type"}}
                key = f"{column}_id"
                fields[key] = {"type": "id"}
                told[column if "type_in" in pointed else key] = pointed
                continue
            fields[column] = suite_field(field)
            if field is not None and (field.required or field.choices or field.type is Kind.BINARY):
                told[column] = {"required": field.required, "choices": list(field.choices)}
                told[column] |= {"type": "binary"} if field.type is Kind.BINARY else {}
        modules[suite_name(name)] = module_fields(fields)
        specs[suite_name(name)] = {"fields": told}
    describe("suitecrm", folder, specs, suite_name, lambda field, column: f"{column}_id")
    return SuiteCrm(folder / "suite.db", modules)


def suite_field(field):
    kinds = {
        Kind.BOOLEAN: "bool",
        Kind.DATE: "date",
        Kind.DATETIME: "datetime",
        Kind.CHOICE: "enum",
    }
    kind = kinds.get(field.type, "text") if field is not None else "text"
    length = field.max_length if field is not None else None
    return {"type": "varchar", "len": str(length)} if length and kind == "text" else {"type": kind}


def describe(system, folder, specs, name_of, link_key):
    """Write the packaged description with other objects, and the mapping."""
    place = folder / "mappings" / system
    place.mkdir(parents=True, exist_ok=True)
    document = YAML(typ="safe").load(bundled_path(f"mappings/{system}/rest.yaml").read_text())
    document["objects"] = specs
    # Flags that were never set stay blank here: the objects are of the model, which has such.
    document["blank_flag"] = ""
    with (place / "rest.yaml").open("w") as stream:
        YAML(typ="safe").dump(document, stream)
    objects = {}
    for name, object_type in small_model().objects.items():
        fields = {}
        for column in object_type.columns:
            field = object_type.fields.get(column)
            single = field is not None and len(field.references) == 1
            fields[column] = link_key(field, column) if single else column
        objects[name] = {"name": name_of(name), "fields": fields}
    with (place / "from_canonical.yaml").open("w") as stream:
        YAML(typ="safe").dump({"adapter": system, "objects": objects}, stream)
