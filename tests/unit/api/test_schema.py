from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta, field

from webhook.api.schema import structural_schema
from webhook.api.struct import ApiStruct


class Inner(ApiStruct, frozen=True):
    host_name: str


class Everything(ApiStruct, frozen=True, kw_only=True):
    text: Annotated[str, Meta(description="Some text.", extra_json_schema={"minLength": 1})]
    flag: bool = False
    count: int = 0
    names: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    inner: Inner | None = None
    opaque: tuple[msgspec.Raw, ...] = ()
    size: str | int = ""


class Phased(ApiStruct, frozen=True):
    status: Annotated[Inner, Meta(extra_json_schema={"required": ["phase"]})] = Inner("")


class Undecided(ApiStruct, frozen=True):
    member: str | bool = ""


class Untyped(ApiStruct, frozen=True):
    member: Any = None


def test_every_type_a_kind_may_use_is_spelled_out_in_place() -> None:
    assert structural_schema(Everything) == {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": {"description": "Some text.", "type": "string", "minLength": 1},
            "flag": {"type": "boolean"},
            "count": {"type": "integer", "format": "int64"},
            "names": {"type": "array", "items": {"type": "string"}},
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "inner": {"type": "object", "required": ["hostName"], "properties": {"hostName": {"type": "string"}}},
            "opaque": {"type": "array", "items": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            "size": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True},
        },
    }


def test_what_a_field_requires_comes_on_top_of_what_its_type_requires() -> None:
    assert structural_schema(Phased)["properties"]["status"]["required"] == ["hostName", "phase"]


@pytest.mark.parametrize("struct", [Undecided, Untyped])
def test_a_type_that_no_structural_schema_can_say_is_refused(struct: type[msgspec.Struct]) -> None:
    with pytest.raises(TypeError, match="a structural schema cannot say"):
        structural_schema(struct)
