"""The typed settings from the environment. Every invalid variable is reported in one sentence."""

from datetime import date
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.cache import DATABASE, REDIS
from engine.backends.registry import BackendUnavailable, backend

BASE_DIR = Path(__file__).resolve().parent.parent

Names = Annotated[list[str], NoDecode]
Secrets = Annotated[list[SecretStr], NoDecode]
Rate = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,5}/(s|min|hour)$")]


def embedded_database() -> str:
    """The URL of the default SQLite file; creates its folder."""
    folder = BASE_DIR / "var"
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'comity.sqlite3'}"


class Environment(BaseSettings):
    """The line below each field is its description in `docs/settings.md`."""

    model_config = SettingsConfigDict(
        env_prefix="COMITY_", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    debug: bool = False
    """Development mode: shows errors, prints mails to the log, needs no secret key. Never use it in production."""
    secret_key: SecretStr = SecretStr("")
    """Signs sessions, links and cursors: at least 50 random characters. Required unless `COMITY_DEBUG` is true."""
    secret_key_fallbacks: Secrets = []
    """Earlier secret keys whose signatures are still accepted: [a new secret key](operations.md#a-new-secret-key)."""
    allowed_hosts: Names = []
    """The host names that this installation serves. With `COMITY_DEBUG`, this machine's own names by default."""
    csrf_trusted_origins: Names = []
    """Additional origins, such as `https://shop.example`, whose pages may submit forms here."""
    https: bool | None = None
    """Whether users connect by HTTPS; controls redirects, cookies and HSTS. By default true unless `COMITY_DEBUG` is."""
    trusted_proxies: Names = []
    """The reverse proxies, by address or network, and `unix`: [forwarded headers](operations.md#reverse-proxy)."""
    host: str = "127.0.0.1"
    """The IP address that `manage.py serve` listens on."""
    port: int = Field(8000, ge=1, le=65535)
    """The port that `manage.py serve` listens on."""
    workers: int | None = Field(None, ge=1, le=64)
    """Worker processes; `manage.py serve` starts 1 by default. Leave it unset under another WSGI server."""
    threads: int = Field(4, ge=1, le=1_000)
    """Threads per worker."""
    static_root: Path | None = None
    """Where `manage.py collectstatic` copies static files. Only needed if a proxy serves `/static/` itself."""
    database_url: str = Field(default_factory=embedded_database, validation_alias="DATABASE_URL")
    """The database, such as `postgresql://user:password@host/name` or `sqlite:////srv/comity.sqlite3`."""
    cache_url: SecretStr = SecretStr("")
    """The cache that workers share, such as `redis://host:6379/0` or `database://`: [serving](operations.md#serving)."""
    metrics_token: SecretStr = SecretStr("")
    """The bearer token for `/metrics`. Without one, `/metrics` is available only on this machine."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The lowest severity that is logged. `manage.py` commands other than `serve` use `WARNING` by default."""
    log_stream: Literal["stdout", "stderr"] = "stdout"
    """Where log lines go. `manage.py` commands other than `serve` use `stderr` by default."""
    due_seconds: int = Field(60, ge=0, le=3600)
    """Seconds between runs of the server's [periodic work](operations.md#periodic-work); 0 leaves it to `manage.py run_due`."""
    policies_dir: Path = BASE_DIR / "policies"
    """The folder of the policies, and of the lexicon and the assistant's topics."""
    policies_from: Literal["folder", "published"] = "folder"
    """Where the policies in force come from: the folder, or [published bundles](publishing.md) that somebody else approved."""
    cases_dir: Path = BASE_DIR / "tests" / "policy_cases"
    """The folder of the policy cases, which the console shows beside the rules and `policy publish` stores with them."""
    engine: str = "compiler"
    """The backend that evaluates policies: `compiler`, `reference` or [`durable`](durable_rules.md)."""
    throttle_login: Rate = "10/min"
    """Sign-in attempts per user name and per address."""
    throttle_write: Rate = "300/min"
    """Writes per user."""
    throttle_read: Rate = "1200/min"
    """Reads per user."""
    throttle_anonymous: Rate = "300/min"
    """Anonymous requests per address."""
    throttle_assistant: Rate = "60/min"
    """Messages to the assistant per anonymous session and per address."""
    throttle_upload: Rate = "30/min"
    """File uploads per user."""
    email_host: str = ""
    """The mail server. Without it, passwords cannot be reset by mail."""
    email_port: int = Field(587, ge=1, le=65_535)
    """The port of the mail server."""
    email_user: str = ""
    """The user name for the mail server, if required."""
    email_password: SecretStr = SecretStr("")
    """The password for the mail server, if required."""
    email_security: Literal["starttls", "tls", "none"] = "starttls"
    """The encryption of the connection to the mail server."""
    email_from: str = "comity@localhost"
    """The sender address of mails."""
    erasure_journal: Path | None = None
    """A file outside the database that lists erased accounts: [restoring](operations.md#backup-and-restore)."""
    log_key: Path | None = None
    """The Ed25519 key that signs the log of decisions: [the log](operations.md#the-log-of-decisions)."""
    log_heads: str = Field("", pattern=r"^(/.+|https?://.+)?$")
    """Where heads of that log are kept: a file or an HTTP URL, best out of reach of whoever can change the database."""
    evidence_dir: Path = BASE_DIR / "var" / "evidence"
    """The evidence folder, unless a bucket is set."""
    s3_bucket: str = ""
    """The evidence bucket: [where evidence is kept](operations.md#where-evidence-is-kept)."""
    s3_endpoint_url: str | None = None
    """The S3 server; by default AWS."""
    s3_region: str | None = None
    """The region of the bucket."""
    s3_access_key: SecretStr = SecretStr("")
    """The access key; by default the credentials of the machine's role."""
    s3_secret_key: SecretStr = SecretStr("")
    """The secret of the access key."""
    s3_encryption: Literal["", "AES256", "aws:kms"] = ""
    """The server-side encryption."""
    s3_seconds: float = Field(6, ge=1, le=60)
    """The timeout of one transfer; raise it if 50 MB take longer."""
    scanner: str = Field("", pattern=r"^(tcp://[^/:]+:[0-9]{1,5}|unix:///.+)?$")
    """A clamd that scans evidence, `tcp://host:port` or `unix:///path`. Without it, nothing is scanned."""
    moderation_lexicon: Literal["comity", "better-profanity"] = Field(
        "comity", validation_alias="MODERATION_LEXICON"
    )
    """The profanity detector: Comity's own, or the engine of the package better-profanity."""
    moderation_classifier: Literal["bilstm", "detoxify", "none"] = Field(
        "bilstm", validation_alias="MODERATION_CLASSIFIER"
    )
    """The classifier; [moderation](moderation.md) compares them."""
    moderation_models: Path = Field(BASE_DIR / "var" / "models", validation_alias="MODERATION_MODELS")
    """The folder of the classifier files, which `make models` downloads."""
    moderation_checkpoint: str = Field("", validation_alias="MODERATION_CHECKPOINT_SHA256")
    """The required SHA-256 of detoxify's checkpoint."""
    moderation_drift: float = Field(0.2, ge=0.05, le=10, validation_alias="MODERATION_DRIFT")
    """From which population stability index on scores drift: [rules and detectors](tuning.md#rules-and-detectors)."""
    assistant_responder: str = "marketplace.assistant.answers.responder.PolicyResponder"
    """The class that answers questions to the assistant, with `respond(context) -> Reply`."""
    assistant_parity_report: Path | None = None
    """The report of `manage.py parity` which proves that both surfaces of the assistant are equivalent."""
    assistant_parity_requests: int = Field(2_000, ge=1)
    """The minimum number of requests in that report."""
    assistant_sunset: date | None = None
    """The date after which the assistant's older surface may be removed, such as `2027-01-31`."""

    @field_validator(
        "allowed_hosts", "csrf_trusted_origins", "secret_key_fallbacks", "trusted_proxies", mode="before"
    )
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        return (
            [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value
        )

    @field_validator("trusted_proxies")
    @classmethod
    def are_networks(cls, names: list[str]) -> list[str]:
        for name in names:
            _check_proxy(name)
        return names

    @field_validator("host")
    @classmethod
    def is_address(cls, host: str) -> str:
        try:
            ip_address(host)
        except ValueError:
            raise ValueError(
                f"`{host}` is not an IP address: write 127.0.0.1 for this machine alone, or 0.0.0.0 for everybody"
            ) from None
        return host

    @field_validator("engine")
    @classmethod
    def is_available(cls, name: str) -> str:
        try:
            backend(name)
        except BackendUnavailable as error:
            raise ValueError(str(error)) from None
        return name

    @field_validator("cache_url")
    @classmethod
    def is_shared(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value() not in {"", DATABASE} and not url.get_secret_value().startswith(REDIS):
            raise ValueError(
                "workers must share a cache, or each would count rates separately: "
                f"use redis://host:6379/0, rediss://…, unix:///path/to/socket or {DATABASE}"
            )
        return url

    @property
    def speaks_https(self) -> bool:
        return not self.debug if self.https is None else self.https

    def signing_key(self) -> str:
        """Signs sessions and cursors. Only a DEBUG installation may do without its own key."""
        if key := self.secret_key.get_secret_value():
            return key
        if self.debug:
            return "comity-debug-" + "insecure-" * 5
        raise ImproperlyConfigured(
            "COMITY_SECRET_KEY is not set: use at least 50 random characters, "
            "or set COMITY_DEBUG=true to try out Comity on this machine."
        )


def _check_proxy(name: str) -> None:
    """A number gets its own error: the setting once counted proxies, and a number would parse as an address."""
    if name == "unix":
        return
    try:
        network = ip_network(name)
    except ValueError:
        example = "such as `127.0.0.1, 10.0.0.0/8`, or `unix` for a proxy on a Unix socket"
        raise ValueError(
            f"`{name}` is neither an address nor a network: list the proxies, {example}"
        ) from None
    if network.prefixlen == 0:
        raise ValueError(f"`{name}` would trust everybody: list the networks of the proxies")


def read_environment() -> Environment:
    """Raises ImproperlyConfigured with one line per invalid variable."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise ImproperlyConfigured("\n".join(lines)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """Pydantic locates a problem by the field's alias, if it has one."""
    name = str(location[0])
    field = Environment.model_fields.get(name)
    return variable_of(name, field) if field else name


def variable_of(name: str, field: FieldInfo) -> str:
    """The environment variable of a field: its alias, such as DATABASE_URL, or its name with the prefix."""
    return field.validation_alias if isinstance(field.validation_alias, str) else f"COMITY_{name.upper()}"
