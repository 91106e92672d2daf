"""Every setting, read once from the environment; none is unsafe by default."""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from whitenoise.compress import (  # type: ignore[import-untyped]  # it has no types
    Compressor,
)

from reviewapp.environment import (
    MailServer,
    host_names,
    mail_server,
    metrics_token,
    origins,
    read,
    secret_key,
    words,
    yes_or_no,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# --- who we are -------------------------------------------------------------

SECRET_KEY = read("SECRET_KEY", secret_key, example="$(openssl rand -base64 48)")
SECRET_KEY_FALLBACKS: list[str] = read(
    "SECRET_KEY_FALLBACKS", words, example="the-key-before", default=[]
)
DEBUG = False
ALLOWED_HOSTS = read("ALLOWED_HOSTS", host_names, example="rung.example.com")
INSECURE_HTTP = read("INSECURE_HTTP", yes_or_no, example="yes", default=False)
TRUSTED_PROXY = read("TRUSTED_PROXY", yes_or_no, example="yes", default=False)

# --- where state lives ------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        read("DATABASE_URL", str, example="postgresql://rung@db/rung"),
        engine="reviewapp.database",
        conn_max_age=600,
        conn_health_checks=True,
    )
}
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = False
DATABASES["default"]["OPTIONS"] = DATABASES["default"].get("OPTIONS", {}) | {
    "application_name": "rung",
    # what is asked again and again is planned once a connection
    "server_side_binding": True,
    "prepare_threshold": 3,
    "connect_timeout": 3,
    "options": " ".join(
        [
            f"-c statement_timeout={read('STATEMENT_TIMEOUT_MS', int, example='15000', default=15_000)}",
            "-c lock_timeout=5000",
            "-c jit=off",
            "-c idle_in_transaction_session_timeout=60000",
        ]
    ),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
    }
}

MEDIA_ROOT = read("MEDIA_ROOT", Path, example="/var/lib/rung/media")
MODEL_ROOT = read("MODEL_ROOT", Path, example="/var/lib/rung/models")
MODEL_HOST_SOCKET = read("MODEL_HOST_SOCKET", Path, example="/run/rung/model-host.sock")
STATIC_ROOT = read("STATIC_ROOT", Path, example="/var/lib/rung/static")
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "reviewapp.staticstorage.ModuleStaticFilesStorage"},
}
# Only what a page can name is served, and a source map need not be small.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
    *Compressor.SKIP_COMPRESS_EXTENSIONS,
    "map",
]
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000

# --- the two halves and what they stand on ----------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "template_partials",
    "csp",
    "axes",
    "ninja",
    "reviewapp",
    "monitoring",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "monitoring.middleware.RecordingMiddleware",
    "reviewapp.middleware.RequestIdMiddleware",
    "reviewapp.api.problems.ProblemMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reviewapp.middleware.PersonMiddleware",
    "reviewapp.api.problems.OneLanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "reviewapp.urls"
WSGI_APPLICATION = "reviewapp.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewapp.pages.frame",
            ],
        },
    }
]

# --- people -----------------------------------------------------------------

AUTH_USER_MODEL = "reviewapp.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
    },
]
PASSWORD_RESET_TIMEOUT = 72 * 3600  # an invitation is good for three days
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "reviewapp.sessions.PersonBackend",
]
# A factory is one address: an account is locked for that address, not the address for all.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "people/locked.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_VERBOSE = False
REAUTHENTICATION_S = 300

SESSION_ENGINE = "reviewapp.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "sid" if INSECURE_HTTP else "__Host-sid"
SESSION_COOKIE_SECURE = not INSECURE_HTTP
CSRF_COOKIE_NAME = "csrf" if INSECURE_HTTP else "__Host-csrf"
CSRF_COOKIE_SECURE = not INSECURE_HTTP
CSRF_FAILURE_VIEW = "reviewapp.views.refusals.csrf_failure"
LANGUAGE_COOKIE_SECURE = not INSECURE_HTTP

# --- the browser's safety ---------------------------------------------------

SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_HTTP
SECURE_HSTS_PRELOAD = not INSECURE_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
if INSECURE_HTTP:
    # A laptop's own demo speaks plain http; on a server these two warnings stand.
    SILENCED_SYSTEM_CHECKS = [
        "security.W004",
        "security.W008",
        "security.W012",
        "security.W016",
    ]

# --- workers ----------------------------------------------------------------

BROKER_URL = read("BROKER_URL", str, example="redis://broker:6379/0")

# --- what leaves this server --------------------------------------------------

# Links in mails and webhooks begin with this.
PUBLIC_URL = read(
    "PUBLIC_URL",
    str,
    example="https://rung.example.com",
    default=f"https://{ALLOWED_HOSTS[0]}",
).rstrip("/")
MAIL = read(
    "EMAIL_URL",
    mail_server,
    example="smtp://rung:password@mail.example.com:587",
    default=MailServer(),
)
EMAIL_HOST = MAIL.host
EMAIL_PORT = MAIL.port
EMAIL_HOST_USER = MAIL.user
EMAIL_HOST_PASSWORD = MAIL.password
EMAIL_USE_TLS = MAIL.use_tls
EMAIL_USE_SSL = MAIL.use_ssl
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = read(
    "EMAIL_FROM",
    str,
    example="Rung <rung@example.com>",
    default=f"Rung <rung@{ALLOWED_HOSTS[0]}>",
)
# Private targets of webhooks, named here and nowhere in the browser.
WEBHOOK_ORIGINS: list[str] = read(
    "WEBHOOK_ORIGINS", origins, example="http://mes.factory.local:8080", default=[]
)

# --- measuring this installation ---------------------------------------------

# Seconds between two samples of a process; 0 writes none.
PROCESS_SAMPLE_S = read("PROCESS_SAMPLE_S", float, example="10", default=10.0)
# Whoever scrapes /metrics shows it; without one only this machine itself may.
METRICS_TOKEN = read(
    "METRICS_TOKEN", metrics_token, example="$(openssl rand -hex 32)", default=""
)

# --- words and times --------------------------------------------------------

LANGUAGE_CODE = "en"
# Each in its own words, so that whoever needs it finds it.
LANGUAGES = [("en", "English"), ("ko", "한국어")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "reviewapp.formats"
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

# --- logs -------------------------------------------------------------------

LOG_LEVEL = read("LOG_LEVEL", str, example="INFO", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "reviewapp.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": "WARNING"},
        "axes": {"level": "ERROR"},
    },
}
