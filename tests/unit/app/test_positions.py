from __future__ import annotations

import pytest

from webhook.app.positions import YamlError, read_yaml

DOCUMENT = """\
profile: gitops
overrides:
  # why
  DiskNotReady: deny
  SeveralDrivers: off
escapes:
  - groups: [admins]
    codes:
      - SnapshotInUse
nothing:
quoted: ""
"""


def test_values_are_texts_and_nothing_is_guessed() -> None:
    assert read_yaml(DOCUMENT).value == {
        "profile": "gitops",
        "overrides": {"DiskNotReady": "deny", "SeveralDrivers": "off"},
        "escapes": [{"groups": ["admins"], "codes": ["SnapshotInUse"]}],
        "nothing": None,
        "quoted": "",
    }


@pytest.mark.parametrize(
    ("location", "line"),
    [
        ((), 1),
        (("overrides",), 2),
        (("overrides", "DiskNotReady"), 4),
        (("escapes", 0), 7),
        (("escapes", 0, "codes", 0), 9),
        (("escapes", 0, "users"), 7),
        (("elsewhere",), 1),
    ],
)
def test_every_value_knows_its_line_and_what_is_missing_that_of_its_surroundings(
    location: tuple[str | int, ...], line: int
) -> None:
    assert read_yaml(DOCUMENT).line(location) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("# nothing\n", 1),
        ("a: b\na: c\n", 2),
        ("a: b\n---\nc: d\n", 2),
        ("a: [b\n", 2),
        ("a: b\nc: &all [*all]\n", 2),
        ("a: b\n? [c]\n: d\n", 2),
        ("a: b\n\tc: d\n", 2),
        ("a: \x01\n", 1),
        ("a:\n" + "[" * 3000 + "]" * 3000, 2),
    ],
)
def test_what_is_no_plain_document_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlError, match=f"^{line}: "):
        read_yaml(text)
