"""Django settings, from the environment (config/environment.py lists the variables)."""

from config.cache import configure_cache
from config.databases import configure_database
from config.environment import read_environment
from config.evidence import configure_evidence
from config.logs import configure_structlog, logging_settings

_environment = read_environment()

DEBUG = _environment.debug
SECRET_KEY = _environment.signing_key()
SECRET_KEY_FALLBACKS = [key.get_secret_value() for key in _environment.secret_key_fallbacks]
ALLOWED_HOSTS = _environment.allowed_hosts or (["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
COMITY_POLICIES_DIR = _environment.policies_dir
COMITY_CASES_DIR = _environment.cases_dir
COMITY_ENGINE = _environment.engine
COMITY_POLICY_SOURCE = (
    "marketplace.publishing.source.PublishedBundles" if _environment.policies_from == "published" else ""
)

# Set by `manage.py serve`. None means another server, which may have any number of workers.
COMITY_HOST = _environment.host
COMITY_PORT = _environment.port
COMITY_WORKERS = _environment.workers
COMITY_THREADS = _environment.threads

# Builds the detectors, given the policy folder and the next three settings.
MODERATION_PIPELINE = "marketplace.moderation.assembly.assemble"
MODERATION_LEXICON = _environment.moderation_lexicon
MODERATION_CLASSIFIER = _environment.moderation_classifier
MODERATION_MODELS = _environment.moderation_models
MODERATION_CHECKPOINT = _environment.moderation_checkpoint
MODERATION_DRIFT = _environment.moderation_drift

# The class that answers questions to the assistant, with `respond(context) -> Reply`.
ASSISTANT_RESPONDER = _environment.assistant_responder
# The DRF surface is announced as deprecated only with a `manage.py parity` report which proves the other one equivalent.
ASSISTANT_PARITY_REPORT = _environment.assistant_parity_report
ASSISTANT_PARITY_REQUESTS = _environment.assistant_parity_requests
ASSISTANT_SUNSET = _environment.assistant_sunset

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

INSTALLED_APPS = [
    "marketplace.publishing",  # extends the command `policy` of `decisions` and the pages of the admin, so it is before both
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "decisions",
    "marketplace.outbox",
    "marketplace.accounts",
    "marketplace.catalog",
    "marketplace.moderation",
    "marketplace.chats",
    "marketplace.orders",
    "marketplace.reviews",
    "marketplace.disputes",
    "marketplace.assistant",
    "marketplace.desk",
    "marketplace.tuning",
    "marketplace.demo",
    "config",
    "api",
    "console",
]

MIDDLEWARE = [
    "api.forwarded.ForwardedMiddleware",
    "api.middleware.RequestLogMiddleware",
    "api.middleware.ConnectionMiddleware",
    "api.error_handlers.HostMiddleware",
    "decisions.middleware.BundleMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "api.deprecation.DeprecationMiddleware",
    "api.middleware.ProblemMiddleware",
    "api.idempotency.IdempotencyMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "marketplace.publishing.source.alarm_of_pages",
            ]
        },
    }
]

DATABASES = {"default": configure_database(_environment.database_url)}

CACHES = {
    "default": configure_cache(_environment.cache_url.get_secret_value(), workers=_environment.workers),
    # Counts rates while Redis is down.
    "alone": configure_cache("", workers=1),
}

# Uploads stay in memory: of a larger form, the files are dropped. Evidence has a handler of its own.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "evidence": configure_evidence(_environment),
}
STATIC_URL = "static/"
# Served directly from the apps, so nothing has to be collected before a start.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = _environment.static_root

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:sign-in"
PASSWORD_RESET_TIMEOUT = 3600

# Without a mail server, DEBUG prints mails, and production offers no password reset: a link that gives access to an account
# does not belong in a log.
COMITY_SENDS_EMAIL = DEBUG or bool(_environment.email_host)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _environment.email_host else 'console'}.EmailBackend"
EMAIL_HOST = _environment.email_host
EMAIL_PORT = _environment.email_port
EMAIL_HOST_USER = _environment.email_user
EMAIL_HOST_PASSWORD = _environment.email_password.get_secret_value()
EMAIL_USE_TLS = _environment.email_security == "starttls"
EMAIL_USE_SSL = _environment.email_security == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _environment.email_from

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "api.error_handlers.csrf_failure"
CSRF_TRUSTED_ORIGINS = _environment.csrf_trusted_origins
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _environment.speaks_https
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _environment.speaks_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _environment.speaks_https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Not SECURE_PROXY_SSL_HEADER, which trusts everybody: api.forwarded checks the sender first.
COMITY_TRUSTED_PROXIES = _environment.trusted_proxies
COMITY_SCANNER = _environment.scanner
# Interval of the server's periodic work; 0 leaves it to `manage.py run_due`.
COMITY_DUE_SECONDS = _environment.due_seconds
COMITY_ERASURE_JOURNAL = _environment.erasure_journal
COMITY_LOG_KEY = _environment.log_key
COMITY_LOG_HEADS = _environment.log_heads
COMITY_METRICS_TOKEN = _environment.metrics_token.get_secret_value()
# Rate limits: reads and writes per user, anonymous requests per address, sign-in attempts per name and address, assistant
# messages per anonymous session or address.
COMITY_THROTTLES = {
    "login": _environment.throttle_login,
    "write": _environment.throttle_write,
    "read": _environment.throttle_read,
    "anonymous": _environment.throttle_anonymous,
    "upload": _environment.throttle_upload,
    "assistant": _environment.throttle_assistant,
}

configure_structlog()
LOGGING = logging_settings(_environment.log_level, _environment.log_stream)
