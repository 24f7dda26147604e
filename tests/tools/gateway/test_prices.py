"""Prices: dated data, the operator's own before the shipped, and never free by accident."""

from datetime import date
from pathlib import Path

import pytest

from infra.errors import Invalid
from infra.settings import Settings
from tools.gateway_prices import PriceUnknown, cost_microusd, price_of

TODAY = date(2026, 11, 22)


def test_a_price_holds_from_its_day_on(settings: Settings) -> None:
    before = price_of("elevenlabs", "speech", "eleven_multilingual_v2", date(2026, 5, 31), settings)
    after = price_of("elevenlabs", "speech", "eleven_multilingual_v2", date(2026, 6, 1), settings)
    assert cost_microusd(before, 1000) == 120_000
    assert cost_microusd(after, 1000) == 100_000


@pytest.mark.parametrize("named", [("elevenlabs", "speech", "eleven_v99"), ("elevenlabs", "sing", "eleven_v3"), ("acme", "speech", "")])
def test_what_has_no_price_is_refused_and_the_fix_named(settings: Settings, named: tuple[str, str, str]) -> None:
    with pytest.raises(PriceUnknown, match="YTEMPIRE_PRICES"):
        price_of(*named, TODAY, settings)


def test_a_price_that_begins_later_does_not_hold_yet(settings: Settings) -> None:
    with pytest.raises(PriceUnknown):
        price_of("openai_images", "generate", "gpt-image-1.5/low/1024x1024", date(2025, 12, 1), settings)


def test_what_is_free_says_so(settings: Settings) -> None:
    assert cost_microusd(price_of("pexels", "search", "", TODAY, settings), 40) == 0


def test_costs_are_rounded_up_but_not_by_binary_dust(settings: Settings) -> None:
    price = price_of("google_tts", "speech", "standard", TODAY, settings)
    assert [cost_microusd(price, count) for count in (0, 1, 3, 25_000)] == [0, 4, 12, 100_000]
    assert cost_microusd(price.model_copy(update={"usd": 0.1, "per": 1_000_000}), 3) == 1


def test_prices_of_ones_own_contract_stand_before_the_shipped(settings: Settings, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[price]]\nprovider = "pexels"\noperation = "search"\nunit = "request"\nusd = 0.5\nsince = 2026-01-01\nsource = "contract"\n')
    mine = settings.model_copy(update={"prices": own})
    assert price_of("pexels", "search", "", TODAY, mine).usd == 0.5
    assert price_of("pexels", "download", "", TODAY, mine).usd == 0.0


@pytest.mark.parametrize(
    "text", ["price = 3 =", '[[price]]\nprovider = "x"\n', '[[price]]\nprovider="x"\noperation="y"\nunit="z"\nusd=-1\nsince=2026-01-01\nsource=""\n']
)
def test_a_broken_price_list_is_named(settings: Settings, tmp_path: Path, text: str) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text(text)
    with pytest.raises(Invalid, match=r"broken\.toml"):
        price_of("pexels", "search", "", TODAY, settings.model_copy(update={"prices": broken}))


def test_a_price_list_that_is_not_there_is_named(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        price_of("pexels", "search", "", TODAY, settings.model_copy(update={"prices": tmp_path / "none.toml"}))
