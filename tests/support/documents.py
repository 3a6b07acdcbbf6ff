"""Texts as users write them, and what is read of them."""

from __future__ import annotations

from textwrap import dedent
from typing import Final

from webhook.validation.documents import Document, Unreadable, read_documents
from webhook.validation.limits import OF_FILES

PAGE_RESTORE: Final = dedent(
    """\
    # as on the page
    apiVersion: virtualisation.deckhouse.io/v1alpha2  # British
    kind: VirtualMachineOperation
    metadata:
      name: restore-vm
    spec:
      type: restore
      virtualMachineName: linux-vm
      restore:
        mode: strict
        virtualMachineSnapshotName: 'monday'
    """
)
MACHINE_SNAPSHOT: Final = dedent(
    """\
    apiVersion: virtualization.deckhouse.io/v1alpha2
    kind: VirtualMachineSnapshot
    metadata:
      name: monday
    spec:
      virtualMachineName: linux-vm
    """
)
CLONE: Final = dedent(
    """\
    apiVersion: virtualization.deckhouse.io/v1alpha2
    kind: VirtualMachineOperation
    metadata:
      name: copy
    spec:
      type: Clone
      virtualMachineName: linux-vm
      clone:
        mode: Strict
        nameReplacements:   # both spellings are about
          - from:
              kind: VirtualMachine
              name: linux-vm
            to:
              name: copy-vm   # the new one
          - from: {name: root}
            to: {name: 'copy-root'}
    """
)
DEPLOYMENT: Final = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"


def read(text: str, file: str = "a.yaml") -> list[Document | Unreadable]:
    return list(read_documents(text, file, OF_FILES))


def document(text: str) -> Document:
    """The only one in the text."""
    (only,) = read(text)
    assert isinstance(only, Document), only
    return only
