"""What the instance is made of: apps, middleware, templates."""

from kapture.settings.env import BASE_DIR

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
    "accounts.entrance.apps.SessionsConfig",
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
    "kapture.core.middleware.ActingKeyMiddleware",
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
    "accounts.tracking.SessionsMiddleware",
    "accounts.impersonation.middleware.ImpersonationMiddleware",
    "kapture.web.middleware.DomainErrorMiddleware",
    "kapture.web.middleware.AdminPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "kapture.web.middleware.FormAddressMiddleware",
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
