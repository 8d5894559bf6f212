"""The description of a REST API: what `mappings/<system>/rest.yaml` may say.

An API is described by where things are (paths, parameters, keys of JSON) and by what answers
mean. Texts in braces are filled in: `{object}`, `{id}`, `{value}` and options of the connection
such as `{api_key}`.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.yaml import ClosedModel, read_model
from crmmigrate.errors import ConfigError, InternalError

__all__ = [
    "AuthWay",
    "Description",
    "ErrorRule",
    "ExternalIdPlace",
    "FieldMaker",
    "FieldSpec",
    "ListSpec",
    "ObjectSpec",
    "RightsPlace",
    "find_description",
    "placeholders",
]


def placeholders(text: str) -> list[str]:
    """Return the names in braces."""
    return re.findall(r"\{(\w+)\}", text)


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as exc:
        raise ValueError(f"not a regular expression: {exc}") from None
    return pattern


Pattern = Annotated[str, AfterValidator(_compiles)]
Kind = Literal[
    "text",
    "choice",
    "boolean",
    "number",
    "date",
    "datetime",
    "email",
    "phone",
    "binary",
    "reference",
]


class FieldSpec(ClosedModel):
    """What is known of a field, beside or in the place of live metadata."""

    type: Kind | None = Field(default=None, description="Type of the value.")
    required: bool | None = Field(default=None, description="A record must have it.")
    read_only: bool | None = Field(default=None, description="It cannot be written.")
    max_length: int | None = Field(default=None, ge=1, description="Longest text in characters.")
    choices: tuple[str, ...] = Field(default=(), description="Allowed values.")
    references: tuple[str, ...] = Field(default=(), description="Objects it may point to.")
    default: str | None = Field(default=None, description="What a blank one becomes.")
    needs: str | None = Field(
        default=None, description="Field without which the system drops the value."
    )
    filled: bool = Field(default=False, description="The system fills it where it is blank.")
    unique: bool = Field(default=False, description="No two records have the same value.")
    type_in: str | None = Field(
        default=None, description="Key that holds the object of a polymorphic reference."
    )
    id_in: str | None = Field(default=None, description="Key that holds its id.")


class ObjectSpec(ClosedModel):
    """One object of the API."""

    fields: dict[str, FieldSpec] = Field(default={}, description="Fields by name.")
    external_id: bool = Field(default=True, description="It has a place for our record keys.")


class AuthWay(ClosedModel):
    """One way to prove who asks; the first whose options are all given is taken."""

    headers: dict[str, str] = Field(default={}, description="Fixed headers.")
    basic: tuple[str, str] | None = Field(default=None, description="User and password.")
    token_path: str | None = Field(default=None, description="Token endpoint of OAuth 2.")
    form: dict[str, str] = Field(default={}, description="What is posted there.")
    signature: str | None = Field(default=None, description="Header of an HMAC signature.")
    key: str = Field(default="", description="Public name of the signer.")
    secret: str = Field(default="", description="What is signed with.")

    @property
    def options(self) -> set[str]:
        """Options of the connection that this way needs."""
        texts = [*self.headers.values(), *self.form.values(), *(self.basic or ()), self.key]
        return {name for text in (*texts, self.secret) for name in placeholders(text)}


class MetadataPlace(ClosedModel):
    """Where the API tells its fields."""

    path: str = Field(description="Path with {object}.")
    at: str = Field(default="", description="Place of the fields in the answer, with dots.")
    type: str = Field(default="type", description="Key of the type of a field.")
    required: str = Field(default="required", description="Key that says it is required.")
    read_only: str = Field(default="readOnly", description="Key that says it is read-only.")
    max_length: str = Field(default="maxLength", description="Key of the longest text.")
    choices: str = Field(default="options", description="Key of the allowed values.")
    default: str = Field(default="default", description="Key of what a blank field becomes.")
    types: dict[str, Kind] = Field(description="Types of the API, and what they are to us.")
    skip: tuple[str, ...] = Field(default=(), description="Types that hold no value of their own.")
    hidden: tuple[str, ...] = Field(
        default=(), description="Keys that, set to true, make a field not worth telling."
    )
    links: str = Field(default="", description="Type of a link, which has its id in {name}Id.")
    links_at: str = Field(default="", description="Place of the links in the answer.")
    link_object: str = Field(default="entity", description="Key of the object a link points to.")


class Paging(ClosedModel):
    """How long lists come in pieces."""

    style: Literal["offset", "page"] = Field(description="A number of records, or of pages.")
    offset: str = Field(description="Parameter: where to begin.")
    size: str = Field(description="Parameter: how many.")
    most: int = Field(ge=1, description="Most records in a page.")
    sort: dict[str, str] = Field(default={}, description="Parameters for a stable order.")


class Filtering(ClosedModel):
    """How a list is narrowed; texts with {field} and {value}."""

    equals: dict[str, str] = Field(description="Parameters for one value.")
    one_of: dict[str, str] = Field(
        default={}, description="Parameters for several values; the last is repeated for each."
    )
    since: dict[str, str] = Field(default={}, description="Parameters for changes since.")
    values_at_once: int = Field(default=40, ge=1, description="Most values in one request.")


class ErrorRule(ClosedModel):
    """What an answer means; the first rule that fits decides."""

    status: tuple[int, ...] = Field(description="HTTP status.")
    header: dict[str, str] = Field(default={}, description="Headers it must have.")
    at: str = Field(default="", description="Place in the answer, with dots.")
    equals: str | None = Field(default=None, description="What stands there.")
    matches: Pattern = Field(
        default="", description="Expression for what stands there, or for the whole body."
    )
    means: str = Field(
        description="A refusal such as TOO_LONG, or one of exists, missing, permission, duplicate."
    )
    field: str = Field(default="", description="Place of the field's name, with dots.")
    id: str = Field(default="", description="Place of the id of the record that exists.")
    says: str = Field(default="", description="Message in the place of the API's own.")


class FieldMaker(ClosedModel):
    """How the field of our keys is made over the API."""

    path: str = Field(
        description="Path with {object}; a field is deleted at this path and its name."
    )
    body: dict[str, str | int | bool] = Field(description="What is posted there, beside the name.")
    name_key: str = Field(default="name", description="Key of the name.")
    names: tuple[str, ...] = Field(
        description="Names to ask for, in turn, until the field is there: some versions put a "
        "prefix before the name."
    )
    who: str = Field(description="Who may do it, for people.")


class RightsPlace(ClosedModel):
    """Where the API tells what our user may do."""

    path: str = Field(description="Path.")
    at: str = Field(description="Place of the rights of an {object} in the answer, with dots.")
    names: dict[str, str] = Field(description="read, create, write and delete → word of the API.")
    listed: bool = Field(
        default=False, description="The rights are a list of words, not keys with levels."
    )
    limits: dict[str, str] = Field(
        default={}, description="Place of a limit in the same answer → sentence with {value}."
    )


class ExternalIdPlace(ClosedModel):
    """Where our record keys are kept."""

    field: str = Field(description="The field.")
    own_ids: bool = Field(
        default=False, description="Records may be given ids of our choice (UUIDs)."
    )
    optional: bool = Field(default=False, description="Without the field, ids alone must do.")
    unique: bool = Field(
        default=False, description="The system refuses a second record with the same key."
    )
    how_to_make: str = Field(default="", description="What a person does to make the field.")
    make: FieldMaker | None = Field(default=None, description="How the API makes the field.")


class ListSpec(ClosedModel):
    """A list of values, such as telephone numbers, that is told as plain fields."""

    key: str = Field(description="Key of the list in a record.")
    value: str = Field(description="Key of the value in an entry.")
    type: str = Field(default="type", description="Key of the kind of an entry.")
    primary: str = Field(default="primary", description="Key of the mark of the main entry.")
    first: str = Field(description="Plain field of the main entry.")
    first_type: str = Field(default="", description="Kind of a main entry that we add.")
    others: dict[str, str] = Field(
        default={}, description="Further plain fields, and the kind of their entry."
    )
    kind: Kind = Field(default="text", description="Type of the values.")
    objects: tuple[str, ...] = Field(description="Objects that have such a list.")


class Description(ClosedModel):
    """The whole file."""

    system: str = Field(description="Name of the system.")
    source: str = Field(default="", description="Where the facts are from.")
    base: str = Field(default="", description="Path of the API below the url.")
    headers: dict[str, str] = Field(default={}, description="Headers of every request.")
    auth: tuple[AuthWay, ...] = Field(default=(), description="Ways to prove who asks.")
    body: Literal["plain", "json_api"] = Field(description="Form of records.")
    type_names: dict[str, str] = Field(default={}, description="Names of types in answers.")
    records: str = Field(default="list", description="Place of the records of a list.")
    total: str = Field(default="", description="Place of their number.")
    list_path: str = Field(description="Path of a list, with {object}.")
    record_path: str = Field(description="Path of a record, with {object} and {id}.")
    create_path: str = Field(description="Path for a create.")
    create_headers: dict[str, str] = Field(
        default={}, description="Headers of a create; one with {option} only if it is given."
    )
    update_path: str = Field(description="Path for an update.")
    update_method: Literal["PUT", "PATCH"] = Field(default="PUT", description="Method for it.")
    select: str = Field(default="", description="Parameter that chooses fields, with {object}.")
    paging: Paging = Field(description="Pages of lists.")
    filters: Filtering = Field(description="Narrowing of lists.")
    metadata: MetadataPlace | None = Field(default=None, description="Live metadata.")
    rights: RightsPlace | None = Field(default=None, description="Rights of our user.")
    common: dict[str, FieldSpec] = Field(default={}, description="Fields of every object.")
    objects: dict[str, ObjectSpec] = Field(description="Objects by name.")
    lists: tuple[ListSpec, ...] = Field(default=(), description="Lists told as plain fields.")
    external_id: ExternalIdPlace = Field(description="Place of our keys.")
    modified: str = Field(default="", description="Field with the time of the last change.")
    deleted: str = Field(default="", description="Key that marks a record as deleted.")
    overlap: int = Field(
        default=1, ge=0, description="Seconds that are read again when only changes are read."
    )
    datetimes: str = Field(
        default="%Y-%m-%dT%H:%M:%SZ", description="Form of points in time, in UTC."
    )
    booleans: tuple[str, str] | None = Field(
        default=None, description="Texts for true and false; JSON's own where left out."
    )
    blank_flag: Literal["", "false"] = Field(
        default="", description="What a flag that was never set is read as."
    )
    patterns: dict[str, Pattern] = Field(
        default={}, description="Expression that whole values of a type must fit."
    )
    left_out_if_wrong: tuple[Kind, ...] = Field(
        default=(),
        description="Types of which a wrong value is left out, and counted by the plan, instead of "
        "the record being refused.",
    )
    numbers_as_text: bool = Field(default=False, description="Numbers are sent as texts.")
    entities: dict[str, str] = Field(
        default={}, description="Texts that stand for signs in answers, such as &quot;."
    )
    blank: Literal["null", "empty"] = Field(default="null", description="How a field is cleared.")
    checks_links: bool = Field(
        default=True, description="The system refuses references to records it does not have."
    )
    checks_referrers: bool = Field(
        default=False, description="It refuses to delete what others point to."
    )
    restores_deleted: bool = Field(default=False, description="Creating again brings back.")
    record_url: str = Field(
        default="",
        description="Page of a record for people, with {url}, {object} and {id}.",
    )
    errors: tuple[ErrorRule, ...] = Field(default=(), description="What answers mean.")
    message: tuple[str, ...] = Field(default=(), description="Places of the message of an error.")
    max_parallel: int = Field(default=4, ge=1, description="Most requests at a time.")
    batch_size: int = Field(default=200, ge=1, description="Operations in one write.")
    remaining_header: str = Field(default="", description="Header: requests left.")
    reset_header: str = Field(default="", description="Header: end of the window.")

    def spec(self, object_: str, field: str) -> FieldSpec | None:
        """Return what is said of a field of an object."""
        return self.objects[object_].fields.get(field) or self.common.get(field)


def find_description(name: str, root: Path) -> Description:
    """Return a description: the project's own `mappings/<name>/rest.yaml`, else the packaged one.

    Raises:
        ConfigError: there is none, or it is wrong.
    """
    shown = f"mappings/{name}/rest.yaml"
    own = root / shown
    if own.is_file():
        return read_model(own, Description, shown=shown)
    try:
        return read_model(bundled_path(shown), Description, shown=shown)
    except InternalError:
        raise ConfigError(
            f"there is no description of the API of '{name}'",
            where=shown,
            hint="packaged are espocrm and suitecrm; write your own in the project",
        ) from None
