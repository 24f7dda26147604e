"""Settings come from their own variables only, and every one of them is in `.env.example`."""

from pathlib import Path

import pytest

from infra.settings import CHECKOUT, Settings, load_settings


def test_variables_of_other_programs_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "DATA", "NETWORK", "LANGUAGE", "CONTACT", "LOG_LEVEL"):
        monkeypatch.setenv(name, "/somewhere/else")
    monkeypatch.delenv("YTEMPIRE_HOME", raising=False)
    assert load_settings().home == CHECKOUT / "var"


def test_a_child_process_gets_the_same_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "with space", network="off", workers_cpu=3)
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_every_setting_is_documented() -> None:
    example = (CHECKOUT / ".env.example").read_text("utf-8")
    variables = [str(field.validation_alias) for field in Settings.model_fields.values()]
    assert [name for name in variables if f"{name}=" not in example] == []
