"""The generated files of the chart, as they must be."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from charts.values_schema import values_schema
from charts.values_table import values_table
from schemas.generate import generated_files as schema_files

CHART: Final = Path(__file__).parent / "snapgate"
COMMAND: Final = "python -m charts"
_CRDS: Final = Path("files", "crds")
_README: Final = Path("README.md")
_SCHEMA: Final = Path("values.schema.json")
_BEGIN: Final = f"<!-- written from values.yaml by `{COMMAND}` -->"
_END: Final = "<!-- end -->"


def generated_files(chart: Path) -> dict[Path, str]:
    """Every file by its path below the chart: the CRDs, the README with its table, the schema of values."""
    files = {_CRDS / path.name: content for path, content in schema_files().items() if path.parent.name == "crds"}
    return {**files, _README: _readme(chart), _SCHEMA: _schema(chart)}


def drift(chart: Path) -> list[str]:
    """What is not as generated, one line each."""
    expected = generated_files(chart)
    lines = [f"{path} is not as generated" for path, content in expected.items() if _read(chart / path) != content]
    lines += [f"{path} belongs to no kind" for path in _present(chart) - expected.keys()]
    return sorted(lines)


def write(chart: Path) -> None:
    expected = generated_files(chart)
    for path in _present(chart) - expected.keys():
        (chart / path).unlink()
    for path, content in expected.items():
        (chart / path).parent.mkdir(parents=True, exist_ok=True)
        (chart / path).write_text(content, encoding="utf-8")


def _schema(chart: Path) -> str:
    written, values, alerts = (
        (chart / path).read_text(encoding="utf-8") for path in (_SCHEMA, "values.yaml", "files/alerts.yaml")
    )
    return values_schema(written, values, alerts)


def _readme(chart: Path) -> str:
    text = (chart / _README).read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    table = values_table((chart / "values.yaml").read_text(encoding="utf-8"))
    return f"{before}{_BEGIN}\n{table}\n{_END}{after}"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _present(chart: Path) -> set[Path]:
    return {path.relative_to(chart) for path in (chart / _CRDS).glob("*")}
