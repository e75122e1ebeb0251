"""What the environment may say about an installation, typed; every mistake is reported in a sentence."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from engine.backends.registry import BackendUnavailable, backend

BASE_DIR = Path(__file__).resolve().parent.parent

Names = Annotated[list[str], NoDecode]
Secrets = Annotated[list[SecretStr], NoDecode]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}/(s|min|hour)$")]


def embedded_database() -> str:
    """The URL of the SQLite file that is used where no database is named; its folder is made."""
    folder = BASE_DIR / "var"
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'comity.sqlite3'}"


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="COMITY_", hide_input_in_errors=True)

    debug: bool = False
    secret_key: SecretStr = SecretStr("")
    secret_key_fallbacks: Secrets = []
    allowed_hosts: Names = []
    csrf_trusted_origins: Names = []
    https: bool | None = None
    trusted_proxies: int = Field(0, ge=0, le=5)
    metrics_token: SecretStr = SecretStr("")
    throttle_login: Rate = "10/min"
    throttle_write: Rate = "300/min"
    throttle_read: Rate = "1200/min"
    throttle_anonymous: Rate = "300/min"
    throttle_assistant: Rate = "60/min"
    assistant_responder: str = "marketplace.assistant.answers.responder.PolicyResponder"
    assistant_parity_report: Path | None = None
    assistant_parity_requests: int = Field(2_000, ge=1)
    assistant_sunset: date | None = None
    throttle_upload: Rate = "30/min"
    evidence_dir: Path = BASE_DIR / "var" / "evidence"
    s3_bucket: str = ""
    s3_endpoint_url: str | None = None
    s3_region: str | None = None
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    s3_encryption: Literal["", "AES256", "aws:kms"] = ""
    s3_seconds: float = Field(6, ge=1, le=60)
    scanner: str = Field("", pattern=r"^(tcp://[^/:]+:[0-9]{1,5}|unix:///.+)?$")
    email_host: str = ""
    email_port: int = Field(587, ge=1, le=65_535)
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_security: Literal["starttls", "tls", "none"] = "starttls"
    email_from: str = "comity@localhost"
    due_seconds: int = Field(60, ge=0, le=3600)
    policies_dir: Path = BASE_DIR / "policies"
    engine: str = "compiler"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_stream: Literal["stdout", "stderr"] = "stdout"
    database_url: str = Field(default_factory=embedded_database, validation_alias="DATABASE_URL")
    moderation_lexicon: Literal["comity", "better-profanity"] = Field(
        "comity", validation_alias="MODERATION_LEXICON"
    )
    moderation_classifier: Literal["bilstm", "detoxify", "none"] = Field(
        "bilstm", validation_alias="MODERATION_CLASSIFIER"
    )
    moderation_models: Path = Field(BASE_DIR / "var" / "models", validation_alias="MODERATION_MODELS")
    moderation_checkpoint: str = Field("", validation_alias="MODERATION_CHECKPOINT_SHA256")

    @field_validator("allowed_hosts", "csrf_trusted_origins", "secret_key_fallbacks", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        return (
            [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
        )

    @field_validator("engine")
    @classmethod
    def is_available(cls, name: str) -> str:
        try:
            backend(name)
        except BackendUnavailable as error:
            raise ValueError(str(error)) from None
        return name

    @property
    def speaks_https(self) -> bool:
        return not self.debug if self.https is None else self.https

    def signing_key(self) -> str:
        """Signs sessions and cursors; only a DEBUG installation may do without a key of its own."""
        if key := self.secret_key.get_secret_value():
            return key
        if self.debug:
            return "comity-debug-" + "insecure-" * 5
        raise ImproperlyConfigured(
            "COMITY_SECRET_KEY is not set: give it at least 50 random characters, "
            "or set COMITY_DEBUG=true to try Comity out on this machine."
        )


def read_environment() -> Environment:
    """Raises ImproperlyConfigured, one line for each variable that does not fit."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise ImproperlyConfigured("\n".join(lines)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """Names given by an alias, such as DATABASE_URL, are known by it; the others have the prefix."""
    name = str(location[0])
    return name if name.isupper() else f"COMITY_{name.upper()}"
