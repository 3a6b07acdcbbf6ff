from __future__ import annotations

import re
from pathlib import Path

import pytest

from webhook.cli import rules_page
from webhook.cli.rules_page import PAGE, drift, main, page
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Code


def test_the_committed_page_is_as_generated() -> None:
    assert drift(PAGE) is None


@pytest.mark.parametrize("present", [None, "", page() + "one more line\n"])
def test_any_other_page_is_drift(present: str | None, tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    if present is not None:
        path.write_text(present)
    assert (
        drift(path)
        == "rules.md is not as the catalogue has it; run `python -m webhook.cli.rules_page` and commit what it wrote"
    )


def test_what_is_written_has_no_drift_and_checking_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.md"
    monkeypatch.setattr(rules_page, "PAGE", path)
    assert main(["--check"]) == 1
    assert not path.exists()
    assert "rules.md is not as the catalogue has it" in capsys.readouterr().err
    assert main([]) == 0
    assert main(["--check"]) == 0


@pytest.mark.parametrize("code", CATALOGUE, ids=lambda code: code.name)
def test_every_code_has_a_line_in_the_contents_that_leads_to_its_entry(code: Code) -> None:
    text = PAGE.read_text()
    assert text.count(f"\n| [{code.name}](#{code.name.lower()}) |") == 1
    entry = text.split(f"\n### {code.name}\n")[1].split("\n### ")[0]
    for part in (code.title, code.explanation, code.remedy, f"    {code.example} [{code.name}]"):
        assert part in entry


def test_links_to_other_pages_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text()):
        assert (PAGE.parent / target).exists()
