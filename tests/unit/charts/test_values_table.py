from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from charts.generate import CHART, drift, write
from charts.values_table import ValuesError, values_table


def test_the_committed_chart_is_as_generated() -> None:
    assert drift(CHART) == []


def test_a_row_has_path_default_and_description() -> None:
    text = "# -- Which\nmode: full\nwebhook:\n  # -- How many\n  replicas: 2\n  # -- Spread\n  affinity: {}\n"
    assert values_table(text).splitlines()[2:] == [
        '| `mode` | `"full"` | Which |',
        "| `webhook.replicas` | `2` | How many |",
        "| `webhook.affinity` | `{}` | Spread |",
    ]


def test_a_description_covers_what_is_below_its_value() -> None:
    text = "# -- Requests\nresources:\n  requests:\n    cpu: 50m\n"
    assert values_table(text).splitlines()[2:] == ['| `resources` | `{"requests": {"cpu": "50m"}}` | Requests |']


def test_a_value_without_a_description_is_an_error() -> None:
    with pytest.raises(ValuesError, match=r"without a description: webhook\.replicas"):
        values_table("webhook:\n  replicas: 2\n")


def test_a_description_without_a_value_is_an_error() -> None:
    with pytest.raises(ValuesError, match="line 2"):
        values_table("# -- Which\n- mode\n")


def test_an_edited_crd_is_drift_and_the_next_write_repairs_it(tmp_path: Path) -> None:
    chart = tmp_path / "snapgate"
    copytree(CHART, chart)
    (chart / "files/crds/virtualdisksnapshots.yaml").write_text("")
    (chart / "files/crds/stale.yaml").write_text("")
    assert drift(chart) == [
        "files/crds/stale.yaml belongs to no kind",
        "files/crds/virtualdisksnapshots.yaml is not as generated",
    ]
    write(chart)
    assert drift(chart) == []
