"""One settings object, read once from the environment and `.env`; every default works without keys."""

from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every setting of the studio, its default and its environment variable (documented in `.env.example`)."""

    model_config = SettingsConfigDict(env_file=CHECKOUT / ".env", extra="ignore", frozen=True, populate_by_name=True)

    home: Path = Field(default=CHECKOUT / "var", validation_alias=AliasChoices("YTEMPIRE_HOME", "home"))
    data: Path | None = Field(default=None, validation_alias=AliasChoices("YTEMPIRE_DATA", "data"))
    database_url: str | None = Field(default=None, validation_alias=AliasChoices("DATABASE_URL", "database_url"))
    redis_url: str | None = Field(default=None, validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    network: Literal["auto", "off"] = Field(default="auto", validation_alias=AliasChoices("YTEMPIRE_NETWORK", "network"))
    log_level: str = Field(default="INFO", validation_alias=AliasChoices("YTEMPIRE_LOG_LEVEL", "log_level"))

    contact: str = Field(default="", validation_alias=AliasChoices("YTEMPIRE_CONTACT", "contact"))
    accept_reddit_terms: bool = Field(default=False, validation_alias=AliasChoices("YTEMPIRE_ACCEPT_REDDIT_TERMS", "accept_reddit_terms"))
    accept_gtrends_terms: bool = Field(default=False, validation_alias=AliasChoices("YTEMPIRE_ACCEPT_GTRENDS_TERMS", "accept_gtrends_terms"))
    sources_sandbox_url: str | None = Field(default=None, validation_alias=AliasChoices("YTEMPIRE_SOURCES_SANDBOX_URL", "sources_sandbox_url"))

    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY", "openai_api_key"))
    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "openai_base_url"))
    openai_model: str = Field(default="gpt-5-mini", validation_alias=AliasChoices("OPENAI_MODEL", "openai_model"))
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("ANTHROPIC_API_KEY", "anthropic_api_key"))
    anthropic_base_url: str | None = Field(default=None, validation_alias=AliasChoices("ANTHROPIC_BASE_URL", "anthropic_base_url"))
    anthropic_model: str = Field(default="claude-sonnet-4-5", validation_alias=AliasChoices("ANTHROPIC_MODEL", "anthropic_model"))

    @property
    def media_root(self) -> Path:
        """Folder of the content-addressed media store."""
        return self.home / "media"

    @property
    def cache_root(self) -> Path:
        """Folder of rebuildable caches; safe to delete while nothing runs."""
        return self.home / "cache"

    @property
    def scratch_root(self) -> Path:
        """Folder of per-job working files, emptied when a job ends."""
        return self.home / "scratch"

    @property
    def library_root(self) -> Path:
        """Folder of the local library, the default publisher."""
        return self.home / "library"


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`."""
    return Settings()
