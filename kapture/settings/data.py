"""Where everything is kept: database, cache, files."""

from typing import Any

from kapture.settings.env import BASE_DIR, database, env
from kapture.settings.site import HOME
from kapture.settings.stores import media_store, origin_of

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

STORAGES: dict[str, dict[str, Any]] = {
    "default": media_store(HOME / "media"),
    "staticfiles": {"BACKEND": "kapture.web.static.BundledStaticFilesStorage"},
}
# Where browsers get media from, when it is not from here.
MEDIA_ORIGINS = origin_of(STORAGES["default"])
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
# Whoever has a link sees the file, so none works for long, whatever is set.
MEDIA_LINK_SECONDS = min(env.int("MEDIA_LINK_SECONDS", default=300), 300)
