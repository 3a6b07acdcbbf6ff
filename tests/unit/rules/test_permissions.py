from __future__ import annotations

import msgspec
import pytest

from tests.support.copies import clone
from tests.support.requests import create
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.facts.user import Access, User
from webhook.rules.permissions import permissions_suffice

REQUEST = create(VIRTUAL_MACHINE_OPERATION, clone("copy"))
GROUP = "virtualization.deckhouse.io"


def test_all_that_is_missing_is_one_finding() -> None:
    refused = (
        Access("delete", GROUP, "virtualdisks", namespace="default", name="root"),
        Access("create", GROUP, "virtualdisks", namespace="default"),
        Access("delete", GROUP, "virtualdisks", namespace="default", name="data"),
        Access("create", "", "secrets", namespace="default"),
    )
    (finding,) = permissions_suffice(msgspec.structs.replace(REQUEST, user=User("jane"), refused=refused))
    assert finding.text == (
        "user jane may not create secrets, create virtualdisks, delete virtualdisks data root in namespace default; "
        "ask for a Role that allows it; to check: kubectl auth can-i create secrets -n default [PermissionMissing]"
    )


@pytest.mark.parametrize(("user", "refused"), [(User("jane"), None), (User("jane"), ()), (None, None)])
def test_nothing_is_said_where_nothing_is_missing_or_nobody_was_asked(
    user: User | None, refused: tuple[Access, ...] | None
) -> None:
    assert list(permissions_suffice(msgspec.structs.replace(REQUEST, user=user, refused=refused))) == []
