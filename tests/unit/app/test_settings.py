from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from lab.paths import CHECKOUT
from webhook.app.settings import CertificateMode, ReconcilerProcessSettings, WebhookSettings


def test_certificates_are_self_managed_unless_asked_otherwise() -> None:
    assert WebhookSettings().certificates is CertificateMode.SELF_MANAGED


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNAPGATE_CERTIFICATES", "existingSecret")
    monkeypatch.setenv("SNAPGATE_CERTIFICATE_DIRECTORY", "/tls")
    monkeypatch.setenv("SNAPGATE_INJECT_CA_BUNDLE", "false")
    settings = WebhookSettings()
    assert settings.certificates is CertificateMode.EXISTING_SECRET
    assert (settings.certificate_directory, settings.inject_ca_bundle) == (Path("/tls"), False)


def test_drain_that_does_not_fit_into_the_grace_period_is_refused() -> None:
    with pytest.raises(ValidationError, match="SNAPGATE_GRACE_SECONDS is 20, and draining takes 25"):
        WebhookSettings(grace_seconds=20)


@pytest.mark.parametrize("wrong", [{"certificates": "none"}, {"drain_seconds": -1}, {"connection_seconds": -1}])
def test_value_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WebhookSettings.model_validate(wrong)


def test_the_table_of_the_operations_page_has_every_setting_once_and_says_whose_it_is() -> None:
    page = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition("\n## Settings\n")[2].partition("\n## ")[0]
    documented = sorted(
        (name, whose)
        for variables, whose in re.findall(
            r"^\| (`SNAPGATE_[^|]*) \|.*?(?:\((serve|reconcile)\) )?\|$", table, re.MULTILINE
        )
        for name in re.findall(r"`(\w+)`", variables)
    )
    serve, reconcile = WebhookSettings.model_fields.keys(), ReconcilerProcessSettings.model_fields.keys()
    wanted = dict.fromkeys(serve & reconcile, "")
    wanted |= dict.fromkeys(serve - reconcile, "serve") | dict.fromkeys(reconcile - serve, "reconcile")
    assert documented == sorted((f"SNAPGATE_{name.upper()}", whose) for name, whose in wanted.items())
