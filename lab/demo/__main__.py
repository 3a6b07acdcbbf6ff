"""`make demo`: a lab of its own, the tour through it, and nothing left of it.

`--machines qemu` (`make demo-real`) takes the same tour with real guests.
"""

from __future__ import annotations

import argparse
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Final

from lab.cli import QEMU, SIMULATED
from lab.demo.evidence import Evidence, RealGuests, SimulatedGuests
from lab.demo.scene import VOLUMES, Scene
from lab.demo.terminal import DemoError, Terminal
from lab.demo.tour import tour
from lab.paths import lab_paths
from lab.storage.layout import storage_directory, volumes_directory

NAME: Final = "demo"
_LAB: Final = (sys.executable, "-m", "lab", "--name", NAME)
_EVIDENCE: Final[dict[str, Evidence]] = {SIMULATED: SimulatedGuests(), QEMU: RealGuests()}


def main(machines: str) -> int:
    """0 when everything went as it should. Whatever happens, the lab is gone afterwards."""
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    try:
        subprocess.run([*_LAB, "up", "--snapgate", "--machines", machines], check=True)
        print(f"\nThe lab took {time.monotonic() - started:.0f} s. From here on, everything goes through kubectl.")
        with tempfile.TemporaryDirectory(prefix="snapgate-demo-") as directory:
            tour(Scene(_terminal(Path(directory) / "manifests"), _EVIDENCE[machines]))
    except (DemoError, subprocess.CalledProcessError) as error:
        print(f"\nthe demo failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.run([*_LAB, "down"], check=False, start_new_session=True)
    print(f"\nThat was it, in {time.monotonic() - started:.0f} s. To keep a lab and try things yourself: make up")
    return 0


def _terminal(directory: Path) -> Terminal:
    """In a copy of the manifests, one of which is put right on the way."""
    exports = subprocess.run([*_LAB, "env"], check=True, stdout=subprocess.PIPE, text=True).stdout
    commands = shlex.quote(str(Path(sys.executable).parent))
    shutil.copytree(Path(__file__).parent / "manifests", directory)
    (directory / VOLUMES).symlink_to(volumes_directory(storage_directory(lab_paths(NAME).state)))
    return Terminal(f'{exports}\nexport PATH="$PATH":{commands}', directory)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(prog="python -m lab.demo")
    arguments.add_argument("--machines", choices=_EVIDENCE, default=SIMULATED)
    sys.exit(main(arguments.parse_args().machines))
