"""Settings of one instance, read from the environment; `.env.example` lists every name."""

import base64
import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from kapture.schedule import BEAT
from kapture.settings.env import BASE_DIR, database, env, home, join_running_instance, price_list

HOME = home()
join_running_instance()
DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
SITE = urlsplit(SITE_URL)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE.hostname or "127.0.0.1", "localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = [SITE_URL]
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    # Widgets of the admin include Django's own widget templates.
    "django.forms",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "django_htmx",
    "django_cotton",
    "django_prose_editor",
    "csp",
    "kapture.core",
    "kapture.web",
    "kapture.api",
    "kapture.audit",
    "kapture.objects",
    "kapture.inbox",
    "kapture.jobs",
    "accounts",
    "billing",
    "trends",
    "downloads",
    "ideaboards",
    "library",
]

MIDDLEWARE = [
    "kapture.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kapture.core.middleware.NothingKeptMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kapture.web.middleware.DomainErrorMiddleware",
    "kapture.web.middleware.AdminPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
]

ROOT_URLCONF = "kapture.urls"
WSGI_APPLICATION = "kapture.wsgi.application"
COTTON_DIR = "components"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kapture.web.context.shell",
            ],
            "builtins": ["kapture.web.templatetags.kapture"],
        },
    }
]
FORM_RENDERER = "kapture.web.forms.Renderer"

# --- data ---------------------------------------------------------------------------------------------------------

DATABASES = {"default": database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
# One prefix per instance, so that two of them can share one server.
REDIS_PREFIX = env.str("REDIS_PREFIX", default="kapture")
REDIS_TIMEOUT = 1.0
CACHES = {
    "default": {
        "BACKEND": "kapture.core.caching.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": f"{REDIS_PREFIX}:cache",
        "OPTIONS": {
            # The cache is a hint: when Redis is away, every read is a miss (reliability rule 2).
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT,
        },
    }
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True
# Not cached: a copy that outlives an outage of Redis would let somebody in who signed out meanwhile.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "media", "base_url": "/media/"},
    },
    "staticfiles": {"BACKEND": "kapture.web.static.BundledStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "kapture.web.static.FontFinder",
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_MAX_AGE = 3600
SCRATCH = HOME / "scratch"
MEDIA_LINK_SECONDS = 300

# --- people -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "accounts.entrance.adapter.Adapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "accounts.entrance.forms.SignInForm",
    "signup": "accounts.entrance.forms.SignUpForm",
    "reset_password": "accounts.entrance.forms.LostPasswordForm",
    "reset_password_from_key": "accounts.entrance.forms.NewPasswordForm",
    "change_password": "accounts.entrance.forms.ChangePasswordForm",
    "set_password": "accounts.entrance.forms.SetPasswordForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE.scheme == "https"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kapture.web.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
FILE_UPLOAD_HANDLERS = ["kapture.core.uploads.NoFiles"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # Thumbnails of captured posts live on the platforms' own image hosts.
        "img-src": [SELF, "data:", "https:", *env.list("IMAGE_ORIGINS", default=[])],
        "font-src": [SELF],
        "media-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Kapture <hello@kapture.local>")

# --- language and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.ScopePermission"],
    "DEFAULT_RENDERER_CLASSES": ["kapture.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kapture.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "kapture.api.pagination.Pagination",
    "DEFAULT_THROTTLE_CLASSES": ["kapture.api.throttling.CallerThrottle"],
    "DEFAULT_SCHEMA_CLASS": "kapture.api.schema.EnvelopeSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kapture.api.envelope.JsonOnly",
    "EXCEPTION_HANDLER": "kapture.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "PAGE_SIZE": 20,
}
API_RATE = env.str("API_RATE", default="600/minute")
SPECTACULAR_SETTINGS = {
    "TITLE": "Kapture API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Trends, downloads, ideaboards and the library of one creator.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kapture.api.schema.wrap",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PlatformEnum": "kapture.core.choices.Platform",
        "UsageKindEnum": "kapture.core.choices.UsageKind",
        "JobStateEnum": "kapture.jobs.models.State",
        "BoardStateEnum": "ideaboards.models.Ideaboard.State",
        "ItemTypeEnum": "library.specs.Kind",
    },
}

# --- work ---------------------------------------------------------------------------------------------------------

JOB_LEASE = timedelta(seconds=env.float("JOB_LEASE_SECONDS", default=60.0))
JOB_HEARTBEAT = JOB_LEASE / 4
JOB_DISPATCH_EVERY = timedelta(seconds=env.float("JOB_DISPATCH_SECONDS", default=1.0))
JOB_RETRY_BASE = timedelta(seconds=env.float("JOB_RETRY_SECONDS", default=5.0))

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 7200,
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
CELERY_TASK_ACKS_LATE = True
# The lease finds a lost worker; letting Celery redeliver as well would loop on a poison job.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 3300
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT

# --- vendors: a missing key switches the vendor off ----------------------------------------------------------------

SANDBOX = frozenset(env.list("KAPTURE_SANDBOX", default=[]))
APIFY_API_TOKEN = env.str("APIFY_API_TOKEN", default="")
APIFY_API_URL = env.str("APIFY_API_URL", default="https://api.apify.com")
APIFY_ACTORS = {
    "youtube": env.str("APIFY_ACTOR_YOUTUBE", default="streamers/youtube-scraper"),
    "tiktok": env.str("APIFY_ACTOR_TIKTOK", default="clockworks/tiktok-scraper"),
    "reddit": env.str("APIFY_ACTOR_REDDIT", default="trudax/reddit-scraper-lite"),
    "x": env.str("APIFY_ACTOR_X", default="apidojo/tweet-scraper"),
}
APIFY_MAX_CHARGE_USD = env.str("APIFY_MAX_CHARGE_USD", default="1.00")
APIFY_RUN_SECONDS = env.int("APIFY_RUN_SECONDS", default=300)
OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="https://api.openai.com/v1")
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-5.4-mini")
# What the model costs, as "input/output" in US dollars a million tokens; without it costs are shown as unknown.
OPENAI_PRICE = env.str("OPENAI_PRICE", default="")
OPENAI_PRICES = price_list(OPENAI_MODEL, OPENAI_PRICE)
# host:port pairs the downloader may reach although their address is not public (the sandbox's video site).
EGRESS_ALLOW = frozenset(env.list("EGRESS_ALLOW", default=[]))
DOWNLOAD_MAX_BYTES = env.int("DOWNLOAD_MAX_BYTES", default=2 << 30)
DOWNLOAD_MAX_SECONDS = env.int("DOWNLOAD_MAX_SECONDS", default=1800)

# --- logs ---------------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"context": {"()": "kapture.core.logging.ContextFilter"}},
    "formatters": {"line": {"()": "kapture.core.logging.LineFormatter"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["context"]},
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
    },
}

if not SECRET_KEY:
    # One machine's own key, kept in its home: the local start needs no configuration, production refuses this (see
    # kapture.settings.production).
    key_file = HOME / "secret-key"
    if not key_file.exists():
        from django.core.management.utils import get_random_secret_key

        key_file.write_text(get_random_secret_key())
        key_file.chmod(0o600)
    SECRET_KEY = base64.b85encode(hashlib.sha256(key_file.read_bytes()).digest() * 2).decode()
