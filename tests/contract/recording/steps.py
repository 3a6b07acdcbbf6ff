"""All that is done to a real API server so that it calls, in this order."""

from __future__ import annotations

from typing import Final

from tests.contract.recording.creates import CREATES
from tests.contract.recording.deletes import DELETES
from tests.contract.recording.foreign import FOREIGN
from tests.contract.recording.step import Step
from tests.contract.recording.updates import UPDATES, WITHOUT_CEL

STEPS: Final[tuple[Step, ...]] = (*CREATES, *UPDATES, *DELETES, *FOREIGN, *WITHOUT_CEL)
