"""The policy file: what an operator writes, and the Policy it makes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Final

from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from webhook.app.positions import Location, Positioned, YamlError, read_yaml
from webhook.findings.code import Action, Profile
from webhook.findings.limits import BLOCKING_ACTIONS
from webhook.findings.policy import (
    Escape,
    Installation,
    Override,
    Policy,
    PolicyError,
    escape_problem,
    override_problems,
)

_DEFAULT_PROFILES: Final = {Installation.FULL: Profile.STRICT, Installation.GUARD: Profile.GUARD}


class PolicyFileError(Exception):
    """All that is wrong with a policy file, one line each, with the line of the file."""


class Permissions(StrEnum):
    WARN = "warn"
    ENFORCE = "enforce"


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _off(written: Any) -> Any:
    """Helm reads values as YAML 1.1, where `off` is a truth value, and writes `false` into the ConfigMap."""
    return Action.OFF if written == "false" else written


_Action = Annotated[Action, BeforeValidator(_off)]


class _OverrideEntry(_Written):
    """`Code: wait` is short for what it says about the class that can have this action."""

    blocking: _Action | None = None
    advisory: _Action | None = None


def _long_form(written: Any) -> Any:
    if isinstance(written, str):
        return {"blocking" if written in BLOCKING_ACTIONS else "advisory": written}
    return written


class _EscapeEntry(_Written):
    codes: tuple[str, ...] = Field(min_length=1)
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class _PolicyFile(_Written):
    profile: Profile | None = None
    permissions: Permissions | None = None
    overrides: dict[str, Annotated[_OverrideEntry, BeforeValidator(_long_form)]] | None = None
    escapes: tuple[_EscapeEntry, ...] | None = None


class Given(Struct, frozen=True):
    """What is said outside the file. `insists`: the profile holds whatever the file says."""

    installation: Installation = Installation.FULL
    profile: Profile | None = None
    origin: str = ""
    insists: bool = False


def policy_without_file(given: Given) -> Policy:
    """Raises PolicyError."""
    profile, origin = _profile(given)
    return Policy(profile, given.installation, profile_origin=origin)


def policy_from(text: str, name: str, given: Given) -> Policy:
    """`name` is how the file is called in origins and errors. Raises PolicyFileError."""
    try:
        written = read_yaml(text)
    except YamlError as error:
        raise PolicyFileError(f"{name}:{error}") from error
    try:
        file = _PolicyFile.model_validate(written.value)
    except ValidationError as error:
        problems = [_problem(error) for error in error.errors()]
    else:
        problems = list(_limits(file))
    if problems:
        lines = sorted((written.line(location), problem) for location, problem in problems)
        raise PolicyFileError("\n".join(f"{name}:{line}: {problem}" for line, problem in lines))
    return _policy(file, written, name, given)


def _policy(file: _PolicyFile, written: Positioned, name: str, given: Given) -> Policy:
    def origin(*location: str | int) -> str:
        return f"{name}:{written.line(location)}"

    profile, profile_origin = _profile(given)
    if file.profile is not None and not given.insists:
        profile, profile_origin = file.profile, origin("profile")
    try:
        return Policy(
            profile,
            given.installation,
            overrides={
                code: Override(entry.blocking, entry.advisory, origin("overrides", code))
                for code, entry in (file.overrides or {}).items()
            },
            permissions_enforced=file.permissions is Permissions.ENFORCE,
            escapes=tuple(
                Escape(
                    frozenset(entry.codes),
                    frozenset(entry.users),
                    frozenset(entry.groups),
                    origin("escapes", index),
                )
                for index, entry in enumerate(file.escapes or ())
            ),
            profile_origin=profile_origin,
            permissions_origin=origin("permissions") if file.permissions is not None else "default",
        )
    except PolicyError as error:
        raise PolicyFileError(f"{origin('profile')}: {error}") from error


def _profile(given: Given) -> tuple[Profile, str]:
    if given.profile is not None:
        return given.profile, given.origin
    return _DEFAULT_PROFILES[given.installation], f"default of {given.installation} mode"


def _limits(file: _PolicyFile) -> Iterator[tuple[Location, str]]:
    for code, entry in (file.overrides or {}).items():
        location: Location = ("overrides", code)
        override = Override(entry.blocking, entry.advisory)
        if override == Override():
            yield location, f"{code}: say an action, or blocking and advisory"
        yield from ((location, f"{code}: {problem}") for problem in override_problems(code, override))
    if file.permissions is Permissions.WARN and "PermissionMissing" in (file.overrides or {}):
        yield ("permissions",), "permissions: warn contradicts the override of PermissionMissing"
    for index, escape in enumerate(file.escapes or ()):
        if not escape.users and not escape.groups:
            yield ("escapes", index), "an escape names users or groups"
        for place, code in enumerate(escape.codes):
            problem = escape_problem(code)
            if problem is not None:
                yield ("escapes", index, "codes", place), f"{code}: {problem}"


def _problem(error: Any) -> tuple[Location, str]:
    location: Location = error["loc"]
    of_code = location[:1] == ("overrides",) and len(location) > 1
    field = _path(location[:2] if of_code and error["type"] == "enum" else location)
    match error["type"]:
        case "extra_forbidden":
            known = f"; there are {', '.join(_PolicyFile.model_fields)}" if len(location) == 1 else ""
            return location, f"{field}: there is no such key{known}"
        case "missing":
            return location, f"{field}: this is required"
        case "enum":
            return location, f"{field}: {error['input']} is not one of {error['ctx']['expected']}"
        case "model_type" | "dict_type" | "model_attributes_type":
            return location, f"{field}: expected {'an action' if of_code else 'keys and values'}"
        case "tuple_type":
            return location, f"{field}: expected a list"
        case _:
            return location, f"{field}: {error['msg']}"


def _path(location: Location) -> str:
    path = ""
    for each in location:
        path += f"[{each}]" if isinstance(each, int) else f".{each}"
    return path.removeprefix(".") or "the file"
