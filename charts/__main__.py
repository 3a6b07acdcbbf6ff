"""`python -m charts` writes the generated files; `--check` only compares."""

from __future__ import annotations

import argparse
import sys

from charts.generate import CHART, COMMAND, drift, write


def main() -> int:
    parser = argparse.ArgumentParser(
        prog=COMMAND, description="Write the chart's CRDs, and the table and the schema of its values."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not as generated")
    if not parser.parse_args().check:
        write(CHART)
        return 0
    lines = drift(CHART)
    if lines:
        sys.stderr.write("\n".join([*lines, f"run `{COMMAND}` and commit what it wrote", ""]))
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
