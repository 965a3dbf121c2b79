"""What may be said of a user: the standard attributes, and those that the pool's schema adds."""

import re
from collections.abc import Mapping

from hippodrome.services.fake_cognito.errors import invalid, not_authorized
from hippodrome.services.fake_cognito.model import Client, Pool
from hippodrome.services.fake_cognito.shapes import SchemaAttribute

STANDARD = {
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"),
    *("email", "email_verified", "phone_number", "phone_number_verified", "address", "website", "profile", "picture"),
    *("birthdate", "gender", "locale", "zoneinfo", "updated_at"),
}
OF_ADMINS = ("email_verified", "phone_number_verified")
FORMS = {
    "email": (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), "Invalid email address format."),
    "phone_number": (re.compile(r"\+[0-9]{1,20}"), "Invalid phone number format."),
}
NOT_CONFORMING = "Attributes did not conform to the schema: "
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def checked(pool: Pool, given: Mapping[str, str]) -> dict[str, str]:
    """As they are kept. Raises InvalidParameterException for one that is unknown or wrong."""
    schema = schema_of(pool)
    for name, value in given.items():
        if name not in STANDARD and name not in schema:
            raise invalid(f"{NOT_CONFORMING}Type for attribute {name} could not be determined")
        form, message = FORMS.get(name, (None, ""))
        if form and value and not form.fullmatch(value):
            raise invalid(message)
        _check_type(name, value, schema.get(name))
    return {name: _kept(pool, name, value) for name, value in given.items()}


def check_all_there(pool: Pool, given: Mapping[str, str]) -> None:
    """Raises InvalidParameterException with the attributes that the pool requires and `given` does not have."""
    if missing := [name for name, each in schema_of(pool).items() if each.required and not given.get(name)]:
        raise invalid(NOT_CONFORMING + " ".join(f"{name}: The attribute is required" for name in missing))


def check_writable(client: Client, given: Mapping[str, str]) -> None:
    """Raises NotAuthorizedException for what users of this application may not say of themselves."""
    may_write = client.settings.write_attributes
    if any(name in OF_ADMINS or (may_write and name not in may_write) for name in given):
        raise not_authorized("A client attempted to write unauthorized attribute")


def check_changeable(pool: Pool, given: Mapping[str, str]) -> None:
    """Raises InvalidParameterException for what is said once and for all."""
    schema = schema_of(pool)
    for name in given:
        if name == "sub" or (name in schema and not schema[name].mutable):
            raise invalid(f"user.{name}: Attribute cannot be updated.")


def changed(given: Mapping[str, str]) -> dict[str, str]:
    """With addresses that are new marked as not verified, unless `given` says that they are."""
    marks = {f"{name}_verified": "false" for name in ("email", "phone_number") if name in given}
    return {**marks, **given}


def schema_of(pool: Pool) -> dict[str, SchemaAttribute]:
    """By full name."""
    return {each.name if each.name in STANDARD else f"custom:{each.name}": each for each in pool.schema}


def _check_type(name: str, value: str, said: SchemaAttribute | None) -> None:
    kind = said.attribute_data_type if said else "String"
    is_wrong = kind == "Number" and not NUMBER.fullmatch(value)
    if is_wrong or ((kind == "Boolean" or name in OF_ADMINS) and value not in ("true", "false")):
        raise invalid(f"{NOT_CONFORMING}{name}: Attribute value must be of type {kind}")


def _kept(pool: Pool, name: str, value: str) -> str:
    """Where names are the same in either case, addresses are too."""
    is_folded = name == "email" and not pool.settings.username_configuration.case_sensitive
    return value.lower() if is_folded else value
