"""What the environment may say about an installation, typed; every mistake is reported in a sentence."""

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
    """The URL of the SQLite file that is used where no database is named; its folder is made."""
    folder = BASE_DIR / "var"
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'comity.sqlite3'}"


class Environment(BaseSettings):
    """Each field has a line below it that says what it means, for `docs/settings.md`."""

    model_config = SettingsConfigDict(
        env_prefix="COMITY_", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    debug: bool = False
    """Try Comity out on this machine: shows errors, prints mails to the log, needs no secret key. Never in production."""
    secret_key: SecretStr = SecretStr("")
    """Signs sessions, links and cursors: at least 50 random characters. Required unless `COMITY_DEBUG` is true."""
    secret_key_fallbacks: Secrets = []
    """Earlier secret keys, whose signatures still count: [a new secret key](operations.md#a-new-secret-key)."""
    allowed_hosts: Names = []
    """The host names that this installation answers to. With `COMITY_DEBUG`, this machine's own names by default."""
    csrf_trusted_origins: Names = []
    """Further origins, such as `https://shop.example`, whose pages may send forms here."""
    https: bool | None = None
    """Whether people come by HTTPS: redirects, cookies and HSTS follow. By default true unless `COMITY_DEBUG` is."""
    trusted_proxies: Names = []
    """The proxies in front, by address or network, and `unix`: [forwarded headers](operations.md#in-front-of-it)."""
    host: str = "127.0.0.1"
    """The IP address that `manage.py serve` listens on."""
    port: int = Field(8000, ge=1, le=65535)
    """The port that `manage.py serve` listens on."""
    workers: int | None = Field(None, ge=1, le=64)
    """Worker processes; `manage.py serve` starts 1 by default. Leave it unset under another WSGI server."""
    threads: int = Field(4, ge=1, le=1_000)
    """Threads of each worker."""
    static_root: Path | None = None
    """Where `manage.py collectstatic` copies static files. Only for a proxy that serves `/static/` itself."""
    database_url: str = Field(default_factory=embedded_database, validation_alias="DATABASE_URL")
    """The database, such as `postgresql://user:password@host/name` or `sqlite:////srv/comity.sqlite3`."""
    cache_url: SecretStr = SecretStr("")
    """The cache that workers share, such as `redis://host:6379/0` or `database://`: [serving](operations.md#serving)."""
    metrics_token: SecretStr = SecretStr("")
    """The bearer token for `/metrics`. Without one, `/metrics` answers this machine alone."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """The least severe line that is logged. `manage.py` commands other than `serve` take `WARNING` by default."""
    log_stream: Literal["stdout", "stderr"] = "stdout"
    """Where log lines go. `manage.py` commands other than `serve` take `stderr` by default."""
    due_seconds: int = Field(60, ge=0, le=3600)
    """How often the server does [what is due](operations.md#what-is-due); 0 leaves it to `manage.py run_due`."""
    policies_dir: Path = BASE_DIR / "policies"
    """The folder of the policies."""
    engine: str = "compiler"
    """The backend that decides: `compiler`, `reference` or [`durable`](durable_rules.md)."""
    throttle_login: Rate = "10/min"
    """Attempts to sign in, by name and by address."""
    throttle_write: Rate = "300/min"
    """Writes of one user."""
    throttle_read: Rate = "1200/min"
    """Reads of one user."""
    throttle_anonymous: Rate = "300/min"
    """Requests of one address without a user."""
    throttle_assistant: Rate = "60/min"
    """What one logged-out session, or one address, may say to the assistant."""
    throttle_upload: Rate = "30/min"
    """Files that one user may add."""
    email_host: str = ""
    """The mail server. Without it nobody can reset a password by mail."""
    email_port: int = Field(587, ge=1, le=65_535)
    """The port of the mail server."""
    email_user: str = ""
    """The user name at the mail server, if it asks for one."""
    email_password: SecretStr = SecretStr("")
    """The password at the mail server, if it asks for one."""
    email_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to the mail server is encrypted."""
    email_from: str = "comity@localhost"
    """The sender of mails."""
    evidence_dir: Path = BASE_DIR / "var" / "evidence"
    """The folder of evidence, unless a bucket is named."""
    s3_bucket: str = ""
    """The bucket of evidence: [where evidence is kept](operations.md#where-evidence-is-kept)."""
    s3_endpoint_url: str | None = None
    """The S3 server; without it, AWS."""
    s3_region: str | None = None
    """The region of the bucket."""
    s3_access_key: SecretStr = SecretStr("")
    """The access key; without it, the credentials of the machine's role."""
    s3_secret_key: SecretStr = SecretStr("")
    """The secret of the access key."""
    s3_encryption: Literal["", "AES256", "aws:kms"] = ""
    """How the server encrypts what it stores."""
    s3_seconds: float = Field(6, ge=1, le=60)
    """How long one transfer may take; raise it where 50 MB take longer."""
    scanner: str = Field("", pattern=r"^(tcp://[^/:]+:[0-9]{1,5}|unix:///.+)?$")
    """A clamd that scans evidence, `tcp://host:port` or `unix:///path`. Without it nothing is scanned."""
    moderation_lexicon: Literal["comity", "better-profanity"] = Field(
        "comity", validation_alias="MODERATION_LEXICON"
    )
    """The detector of profanity: Comity's own, or the engine of the package better-profanity."""
    moderation_classifier: Literal["bilstm", "detoxify", "none"] = Field(
        "bilstm", validation_alias="MODERATION_CLASSIFIER"
    )
    """The classifier: [moderation](moderation.md) says how they differ."""
    moderation_models: Path = Field(BASE_DIR / "var" / "models", validation_alias="MODERATION_MODELS")
    """The folder of the classifiers' files, which `make models` fills."""
    moderation_checkpoint: str = Field("", validation_alias="MODERATION_CHECKPOINT_SHA256")
    """The SHA-256 that detoxify's checkpoint must have."""
    assistant_responder: str = "marketplace.assistant.answers.responder.PolicyResponder"
    """The class that answers questions to the assistant, with `respond(context) -> Reply`."""
    assistant_parity_report: Path | None = None
    """The report of `manage.py parity` that shows both surfaces of the assistant to be the same."""
    assistant_parity_requests: int = Field(2_000, ge=1)
    """How many requests that report must cover."""
    assistant_sunset: date | None = None
    """The day from which the older surface of the assistant may be gone, such as `2027-01-31`."""

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
                "workers would each count rates apart unless they share the cache: "
                f"write redis://host:6379/0, rediss://…, unix:///path/to/socket or {DATABASE}"
            )
        return url

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


def _check_proxy(name: str) -> None:
    """A number is refused by name: it counted proxies once, and an address can be written as a number."""
    if name == "unix":
        return
    try:
        network = ip_network(name)
    except ValueError:
        example = "such as `127.0.0.1, 10.0.0.0/8`, or `unix` for a proxy on a Unix socket"
        raise ValueError(
            f"`{name}` is neither an address nor a network: name the proxies, {example}"
        ) from None
    if network.prefixlen == 0:
        raise ValueError(f"`{name}` would trust everybody: name the networks that the proxies are in")


def read_environment() -> Environment:
    """Raises ImproperlyConfigured, one line for each variable that does not fit."""
    try:
        return Environment()
    except ValidationError as error:
        lines = [f"{_variable(problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise ImproperlyConfigured("\n".join(lines)) from None


def _variable(location: tuple[int | str, ...]) -> str:
    """Pydantic places a problem by a field's alias, if it has one."""
    name = str(location[0])
    field = Environment.model_fields.get(name)
    return variable_of(name, field) if field else name


def variable_of(name: str, field: FieldInfo) -> str:
    """The variable that a field is read from: its alias, such as DATABASE_URL, or its name with the prefix."""
    return field.validation_alias if isinstance(field.validation_alias, str) else f"COMITY_{name.upper()}"
