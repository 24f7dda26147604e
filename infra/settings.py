"""One settings object, read once from the environment and `.env`; every default works without keys."""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parent.parent

# An ordered chain of writers, `openai:MODEL`, `anthropic:MODEL` or `offline`, with commas between them.
_LINK = r"(offline|(openai|anthropic):[^,\s]+)"
_CHAIN = rf"^({_LINK}(\s*,\s*{_LINK})*)?$"
# Names by which the service may be asked, and pages of other origins that may ask it, with commas between them.
_HOSTS = r"^([A-Za-z0-9.:\[\]-]+(\s*,\s*[A-Za-z0-9.:\[\]-]+)*)?$"
_ORIGINS = r"^(https?://[A-Za-z0-9.:\[\]-]+(\s*,\s*https?://[A-Za-z0-9.:\[\]-]+)*)?$"
# Dollars per million tokens, `INPUT,OUTPUT` or `MODEL=INPUT,OUTPUT`, with semicolons between them.
_PRICE = r"([^=;,]+=)?\d+(\.\d+)?,\d+(\.\d+)?"
# Which part of its queue a tool goes to, `paint_picture=gpu:a100`, with commas between them.
_PART = r"[a-z_]+=(gpu|cpu|io):[a-z0-9][a-z0-9-]*"
_PARTS = rf"^({_PART}(,{_PART})*)?$"
# An absolute folder, or a bucket with the folder in it: `s3://bucket/prefix`.
_MEDIA = re.compile(r"(/.*|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?)?")
_PRICES = rf"^({_PRICE}(;{_PRICE})*)?$"

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class Settings(BaseSettings):
    """Every setting of the studio, its default and its environment variable (documented in `.env.example`)."""

    model_config = SettingsConfigDict(env_file=CHECKOUT / ".env", extra="ignore", frozen=True, populate_by_name=True, env_prefix="YTEMPIRE_")

    home: Path = Field(default=CHECKOUT / "var", validation_alias="YTEMPIRE_HOME")
    data: Path | None = Field(default=None, validation_alias="YTEMPIRE_DATA")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    database_publish_url: str | None = Field(default=None, validation_alias="DATABASE_PUBLISH_URL")
    database_api_url: str | None = Field(default=None, validation_alias="DATABASE_API_URL")
    database_replica_url: str | None = Field(default=None, validation_alias="DATABASE_REPLICA_URL")
    database_admin_url: str | None = Field(default=None, validation_alias="DATABASE_ADMIN_URL")
    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL")
    host: str = Field(default="127.0.0.1", validation_alias="YTEMPIRE_HOST")
    port: int = Field(default=8000, ge=0, le=65535, validation_alias="YTEMPIRE_PORT")
    hosts: str = Field(default="", pattern=_HOSTS, validation_alias="YTEMPIRE_HOSTS")
    cors_origins: str = Field(default="", pattern=_ORIGINS, validation_alias="YTEMPIRE_CORS_ORIGINS")
    webhook_secrets: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_WEBHOOK_SECRETS")
    webhook_private: str = Field(default="", pattern=_ORIGINS, validation_alias="YTEMPIRE_WEBHOOK_PRIVATE")
    mcp_token: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_MCP_TOKEN")
    stripe_secret_key: SecretStr | None = Field(default=None, validation_alias="STRIPE_SECRET_KEY")
    stripe_webhook_secrets: SecretStr | None = Field(default=None, validation_alias="STRIPE_WEBHOOK_SECRETS")
    stripe_base_url: str | None = Field(default=None, pattern=r"^https?://[^/?#]+/?$", validation_alias="STRIPE_BASE_URL")
    listen: str = Field(default="", validation_alias="YTEMPIRE_LISTEN")
    listen_postgres_port: int = Field(default=15432, ge=1, le=65535, validation_alias="YTEMPIRE_LISTEN_POSTGRES_PORT")
    listen_redis_port: int = Field(default=16379, ge=1, le=65535, validation_alias="YTEMPIRE_LISTEN_REDIS_PORT")
    studio_cert: str = Field(default="", validation_alias="YTEMPIRE_STUDIO_CERT")
    media: str = Field(default="", validation_alias="YTEMPIRE_MEDIA")
    media_cache_gb: float = Field(default=20.0, gt=0, validation_alias="YTEMPIRE_MEDIA_CACHE_GB")
    aws_access_key_id: str | None = Field(default=None, validation_alias="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: SecretStr | None = Field(default=None, validation_alias="AWS_SECRET_ACCESS_KEY")
    aws_session_token: SecretStr | None = Field(default=None, validation_alias="AWS_SESSION_TOKEN")
    aws_endpoint_url: str | None = Field(default=None, pattern=r"^https?://[^/?#]+/?$", validation_alias="AWS_ENDPOINT_URL")
    aws_region: str = Field(default="us-east-1", validation_alias="AWS_REGION")
    own_media: Path | None = Field(default=None, validation_alias="YTEMPIRE_OWN_MEDIA")
    network: Literal["auto", "off"] = Field(default="auto", validation_alias="YTEMPIRE_NETWORK")
    log_level: str = Field(default="INFO", validation_alias="YTEMPIRE_LOG_LEVEL")
    live: bool = Field(default=False, validation_alias="YTEMPIRE_LIVE")

    contact: str = Field(default="", validation_alias="YTEMPIRE_CONTACT")
    accept_reddit_terms: bool = Field(default=False, validation_alias="YTEMPIRE_ACCEPT_REDDIT_TERMS")
    accept_gtrends_terms: bool = Field(default=False, validation_alias="YTEMPIRE_ACCEPT_GTRENDS_TERMS")
    sources_sandbox_url: str | None = Field(default=None, validation_alias="YTEMPIRE_SOURCES_SANDBOX_URL")

    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    openai_model: str = Field(default="gpt-5-mini", validation_alias="OPENAI_MODEL")
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias="ANTHROPIC_API_KEY")
    anthropic_base_url: str | None = Field(default=None, validation_alias="ANTHROPIC_BASE_URL")
    anthropic_model: str = Field(default="claude-sonnet-5", validation_alias="ANTHROPIC_MODEL")
    language: Literal["auto", "offline", "openai", "anthropic"] = Field(default="auto", validation_alias="YTEMPIRE_LANGUAGE")
    models_writer: str = Field(default="", pattern=_CHAIN, validation_alias="YTEMPIRE_MODELS_WRITER")
    models_critic: str = Field(default="", pattern=_CHAIN, validation_alias="YTEMPIRE_MODELS_CRITIC")
    models_fast: str = Field(default="", pattern=_CHAIN, validation_alias="YTEMPIRE_MODELS_FAST")
    language_price: str = Field(default="", pattern=_PRICES, validation_alias="YTEMPIRE_LANGUAGE_PRICE")

    images_model: str = Field(default="", validation_alias="YTEMPIRE_IMAGES_MODEL")
    images_quality: Literal["low", "medium", "high"] = Field(default="medium", validation_alias="YTEMPIRE_IMAGES_QUALITY")
    pexels_api_key: SecretStr | None = Field(default=None, validation_alias="PEXELS_API_KEY")
    pexels_base_url: str | None = Field(default=None, validation_alias="PEXELS_BASE_URL")
    pixabay_api_key: SecretStr | None = Field(default=None, validation_alias="PIXABAY_API_KEY")
    pixabay_base_url: str | None = Field(default=None, validation_alias="PIXABAY_BASE_URL")

    publisher: Literal["auto", "library", "youtube"] = Field(default="auto", validation_alias="YTEMPIRE_PUBLISHER")
    youtube_client_id: str | None = Field(default=None, validation_alias="YOUTUBE_CLIENT_ID")
    youtube_client_secret: SecretStr | None = Field(default=None, validation_alias="YOUTUBE_CLIENT_SECRET")
    youtube_base_url: str | None = Field(default=None, validation_alias="YOUTUBE_BASE_URL")
    youtube_chunk_bytes: int | None = Field(default=None, ge=262_144, multiple_of=262_144, validation_alias="YOUTUBE_CHUNK_BYTES")
    youtube_quota: str = Field(default="", pattern=r"^([a-z_]+=\d+(,[a-z_]+=\d+)*)?$", validation_alias="YOUTUBE_QUOTA")
    youtube_consent_days: int | None = Field(default=None, ge=1, validation_alias="YOUTUBE_CONSENT_DAYS")
    youtube_derived_scores: bool = Field(default=False, validation_alias="YOUTUBE_DERIVED_SCORES")
    identity_keys: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_IDENTITY_KEYS")
    proxies: str = Field(default="", pattern=r"^([0-9a-fA-F.:]+(\s*,\s*[0-9a-fA-F.:]+)*)?$", validation_alias="YTEMPIRE_PROXIES")
    confirm_minutes: int = Field(default=15, ge=1, le=1440, validation_alias="YTEMPIRE_CONFIRM_MINUTES")
    rate_reads: int = Field(default=12_000, ge=0, validation_alias="YTEMPIRE_RATE_READS")
    rate_changes: int = Field(default=1_200, ge=0, validation_alias="YTEMPIRE_RATE_CHANGES")
    rate_work: int = Field(default=240, ge=0, validation_alias="YTEMPIRE_RATE_WORK")
    rate_unknown: int = Field(default=1_200, ge=0, validation_alias="YTEMPIRE_RATE_UNKNOWN")
    token_keys: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_TOKEN_KEYS")

    notify: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_NOTIFY")
    notify_level: Literal["info", "warning", "critical"] = Field(default="info", validation_alias="YTEMPIRE_NOTIFY_LEVEL")
    mail_authserv: str = Field(default="", validation_alias="YTEMPIRE_MAIL_AUTHSERV")

    diffusers_model: str = Field(default="", validation_alias="YTEMPIRE_DIFFUSERS_MODEL")
    diffusers_steps: int = Field(default=28, ge=1, le=200, validation_alias="YTEMPIRE_DIFFUSERS_STEPS")
    diffusers_guidance: float = Field(default=6.0, ge=0, le=30, validation_alias="YTEMPIRE_DIFFUSERS_GUIDANCE")
    diffusers_offload: bool = Field(default=False, validation_alias="YTEMPIRE_DIFFUSERS_OFFLOAD")

    voice: Literal["auto", "piper", "elevenlabs", "google_tts"] = Field(default="auto", validation_alias="YTEMPIRE_VOICE")
    elevenlabs_api_key: SecretStr | None = Field(default=None, validation_alias="ELEVENLABS_API_KEY")
    elevenlabs_base_url: str | None = Field(default=None, validation_alias="ELEVENLABS_BASE_URL")
    elevenlabs_model: str = Field(default="eleven_multilingual_v2", validation_alias="ELEVENLABS_MODEL")
    elevenlabs_voice: str = Field(default="auto", validation_alias="ELEVENLABS_VOICE")
    google_tts_api_key: SecretStr | None = Field(default=None, validation_alias="GOOGLE_TTS_API_KEY")
    google_tts_base_url: str | None = Field(default=None, validation_alias="GOOGLE_TTS_BASE_URL")
    google_tts_voice: str = Field(default="en-US-Neural2-D", validation_alias="GOOGLE_TTS_VOICE")

    job_lease_s: float = Field(default=15.0, gt=0, validation_alias="YTEMPIRE_JOB_LEASE_S")
    job_resend_s: float = Field(default=5.0, gt=0, validation_alias="YTEMPIRE_JOB_RESEND_S")
    job_hard_grace_s: float = Field(default=10.0, gt=0, validation_alias="YTEMPIRE_JOB_HARD_GRACE_S")
    job_retry_base_s: float = Field(default=1.0, gt=0, validation_alias="YTEMPIRE_JOB_RETRY_BASE_S")
    run_recoveries: int = Field(default=5, ge=1, validation_alias="YTEMPIRE_RUN_RECOVERIES")
    productions_at_once: int = Field(default=2, ge=1, le=64, validation_alias="YTEMPIRE_PRODUCTIONS_AT_ONCE")
    worker_stop_s: float = Field(default=25.0, gt=0, validation_alias="YTEMPIRE_WORKER_STOP_S")
    worker_max_jobs: int = Field(default=500, gt=0, validation_alias="YTEMPIRE_WORKER_MAX_JOBS")
    worker_max_rss_mb: int = Field(default=2000, gt=0, validation_alias="YTEMPIRE_WORKER_MAX_RSS_MB")
    limit_call_usd: float = Field(default=0.10, ge=0, validation_alias="YTEMPIRE_LIMIT_CALL_USD")
    limit_video_usd: float = Field(default=3.00, ge=0, validation_alias="YTEMPIRE_LIMIT_VIDEO_USD")
    limit_run_usd: float = Field(default=3.00, ge=0, validation_alias="YTEMPIRE_LIMIT_RUN_USD")
    limit_day_usd: float = Field(default=45.00, ge=0, validation_alias="YTEMPIRE_LIMIT_DAY_USD")
    limit_tenant_usd: float | None = Field(default=None, ge=0, validation_alias="YTEMPIRE_LIMIT_TENANT_USD")
    limit_provider_day_usd: float = Field(default=20.00, ge=0, validation_alias="YTEMPIRE_LIMIT_PROVIDER_DAY_USD")
    limit_llm_usd: float = Field(default=0.10, ge=0, validation_alias="YTEMPIRE_LIMIT_LLM_USD")
    limit_voice_usd: float = Field(default=0.05, ge=0, validation_alias="YTEMPIRE_LIMIT_VOICE_USD")
    limit_storage_usd: float = Field(default=0.01, ge=0, validation_alias="YTEMPIRE_LIMIT_STORAGE_USD")
    limit_compute_usd: float = Field(default=0.04, ge=0, validation_alias="YTEMPIRE_LIMIT_COMPUTE_USD")
    limit_kinds: Literal["alert", "stop"] = Field(default="alert", validation_alias="YTEMPIRE_LIMIT_KINDS")
    paid_attempts: int = Field(default=3, ge=1, validation_alias="YTEMPIRE_PAID_ATTEMPTS")
    provider_concurrency: str = Field(default="", pattern=r"^([a-z0-9_]+=\d+(,[a-z0-9_]+=\d+)*)?$", validation_alias="YTEMPIRE_PROVIDER_CONCURRENCY")
    circuit_failures: int = Field(default=5, ge=1, validation_alias="YTEMPIRE_CIRCUIT_FAILURES")
    circuit_open_s: float = Field(default=10.0, gt=0, validation_alias="YTEMPIRE_CIRCUIT_OPEN_S")
    prices: Path | None = Field(default=None, validation_alias="YTEMPIRE_PRICES")
    operator_token: SecretStr | None = Field(default=None, validation_alias="YTEMPIRE_OPERATOR_TOKEN")
    backup_to: str = Field(default="", validation_alias="YTEMPIRE_BACKUP_TO")
    backup_key: Path | None = Field(default=None, validation_alias="YTEMPIRE_BACKUP_KEY")
    worker_idle_s: float = Field(default=900.0, gt=0, validation_alias="YTEMPIRE_WORKER_IDLE_S")

    render_effects: tuple[str, ...] = Field(default=(), validation_alias="YTEMPIRE_RENDER_EFFECTS")

    tool_queues: str = Field(default="", pattern=_PARTS, validation_alias="YTEMPIRE_TOOL_QUEUES")
    workers_io: int = Field(default=4, ge=0, validation_alias="YTEMPIRE_WORKERS_IO")
    workers_cpu: int | None = Field(default=None, ge=0, validation_alias="YTEMPIRE_WORKERS_CPU")
    workers_gpu: int | None = Field(default=None, ge=0, validation_alias="YTEMPIRE_WORKERS_GPU")
    workers_publish: int = Field(default=1, ge=0, validation_alias="YTEMPIRE_WORKERS_PUBLISH")

    watcher_every_s: float = Field(default=30.0, ge=1, le=300, validation_alias="YTEMPIRE_WATCHER_EVERY_S")
    watchdog_every_s: float = Field(default=15.0, ge=1, le=300, validation_alias="YTEMPIRE_WATCHDOG_EVERY_S")
    watchdog_ping_url: str | None = Field(default=None, pattern=r"^https?://\S+$", validation_alias="YTEMPIRE_WATCHDOG_PING_URL")
    run_stuck_s: float = Field(default=1800.0, ge=60, validation_alias="YTEMPIRE_RUN_STUCK_S")
    approval_expires_h: float = Field(default=72.0, gt=0, validation_alias="YTEMPIRE_APPROVAL_EXPIRES_H")
    keep_days: int = Field(default=90, ge=8, le=3650, validation_alias="YTEMPIRE_KEEP_DAYS")
    disk_high_water_mb: int = Field(default=3000, ge=0, validation_alias="YTEMPIRE_DISK_HIGH_WATER_MB")
    disk_low_water_mb: int = Field(default=1000, ge=0, validation_alias="YTEMPIRE_DISK_LOW_WATER_MB")

    @field_validator("media")
    @classmethod
    def _is_a_place(cls, value: str) -> str:
        if not _MEDIA.fullmatch(value):
            raise ValueError("it names neither a folder nor a bucket; give an absolute folder, or s3://bucket/prefix")
        return value

    @property
    def media_root(self) -> Path:
        """Folder of the content-addressed media store; of its cache on this machine when the store is a bucket."""
        if self.media.startswith("/"):
            return Path(self.media)
        return self.home / "cache" / "objects" if self.media else self.home / "media"

    @property
    def cache_root(self) -> Path:
        """Folder of rebuildable caches; safe to delete while nothing runs."""
        return self.home / "cache"

    @property
    def scratch_root(self) -> Path:
        """Folder of per-job working files, emptied when a job ends."""
        return self.home / "scratch"

    def own_media_of(self, channel: str) -> Path:
        """Folder of a channel's own pictures and clips; it need not exist."""
        return (self.own_media or self.home / "own-media") / channel

    @property
    def answers_for(self) -> frozenset[str] | None:
        """Names by which the service may be asked: this machine's own and those that are set. None, any, where it listens to others and none is set."""
        named = frozenset(one.strip().lower() for one in self.hosts.split(",") if one.strip())
        if not named and self.host not in _LOOPBACK:
            return None
        return named | _LOOPBACK

    @property
    def cors(self) -> tuple[str, ...]:
        """Origins of pages, other than the service's own, that browsers may let ask it."""
        return tuple(one.strip().rstrip("/") for one in self.cors_origins.split(",") if one.strip())

    @property
    def trusted_proxies(self) -> frozenset[str]:
        """Addresses of our own proxies, whose word on where a request came from is taken."""
        return frozenset(one.strip() for one in self.proxies.split(",") if one.strip())

    @property
    def library_root(self) -> Path:
        """Folder of the local library, the default publisher."""
        return self.home / "library"

    @property
    def token_keys_file(self) -> Path:
        """File of the keys that seal channel owners' consents, when the environment gives none."""
        return self.home / "token.keys"

    @property
    def backup_key_file(self) -> Path:
        """File of the key that opens the backups; outside the home, which it must outlive."""
        return self.backup_key or Path.home() / ".config" / "ytempire" / "backup.key"

    @property
    def buys_pictures(self) -> bool:
        """Whether a paid image model is named and there is somebody to ask for it."""
        return bool(self.images_model and (self.openai_api_key or self.openai_base_url))

    @property
    def youtube_client(self) -> tuple[str, str] | None:
        """The OAuth client's id and secret, when both are set."""
        if self.youtube_client_id and self.youtube_client_secret:
            return self.youtube_client_id, self.youtube_client_secret.get_secret_value()
        return None

    @property
    def youtube_granted(self) -> dict[str, int]:
        """Daily limits by quota bucket that YouTube granted this project beyond the usual."""
        pairs = (part.split("=") for part in self.youtube_quota.split(",") if part)
        return {bucket: int(limit) for bucket, limit in pairs}

    def environment(self) -> dict[str, str]:
        """Return the variables that make `load_settings` in a child process give these settings; only what was set, not the defaults."""
        found: dict[str, str] = {}
        for name in self.model_fields_set:
            alias, value = type(self).model_fields[name].validation_alias, getattr(self, name)
            if value is not None:
                variable = alias if isinstance(alias, str) else f"YTEMPIRE_{name.upper()}"
                found[variable] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        return found


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`."""
    return Settings()
