from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from lab.paths import CHECKOUT

DOCS: Final = CHECKOUT / "docs"
PAGES: Final = [*sorted(DOCS.rglob("*.md")), *(CHECKOUT / name for name in ("README.md", "CONTRIBUTING.md"))]
OURS: Final = ("webhook", "certs", "charts/snapgate/templates")
OF_OTHERS: Final = re.compile(
    r"failed calling webhook|no endpoints|refused$|exceeded|timeout$|x509|^50\d |additional prop"
)
"""What the API server, Go or helm say, not we."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
    for link in re.findall(r"\]\(([^)]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_what_the_troubleshooting_page_quotes_is_what_we_say() -> None:
    """A reader searches the page for the words that they see."""
    said = re.sub(r'"\s*\n\s*f?"', "", "\n".join(source(directory) for directory in OURS))
    for quoted in quotations((DOCS / "troubleshooting.md").read_text(encoding="utf-8")):
        assert quoted in said, quoted


def test_every_webhook_of_the_chart_is_on_the_troubleshooting_page() -> None:
    configurations = (CHECKOUT / "charts/snapgate/templates/webhook-configurations.yaml").read_text(encoding="utf-8")
    page = (DOCS / "troubleshooting.md").read_text(encoding="utf-8")
    closed = set(re.findall(r"name: (\S+\.snapgate\.io)", configurations)) - {"mutate.snapgate.io"}
    assert closed
    assert all(f'failed calling webhook "{name}"' in page for name in closed)


def quotations(page: str) -> list[str]:
    """Texts in the first columns of tables that say what is read, without what differs from case to case."""
    found: list[str] = []
    for table in re.split(r"\n\n", page):
        header, *rows = [line for line in table.splitlines() if line.startswith("|")] or [""]
        if "read" not in header and "says" not in header:
            continue
        for row in rows[1:]:
            cell = row.split(" | ")[0].strip("| ")
            texts = [text for text in re.findall(r"`([^`]+)`", cell) if not OF_OTHERS.search(text)]
            found += [part.strip() for text in texts for part in re.split(r"…|40 s|\[\w+\]", text) if len(part) > 5]
    assert len(found) > 8
    return found


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def source(directory: str) -> str:
    files = sorted((CHECKOUT / directory).rglob("*"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files if file.suffix in {".py", ".yaml", ".tpl"})
