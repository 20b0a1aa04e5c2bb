"""How the instance tells what it does."""

from kapture.settings.env import env

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
        # Each decision of the downloader's way out, also from workers, which say little else.
        "kapture.gateways.media.proxy": {"level": env.str("LOG_LEVEL", default="INFO")},
        "httpx": {"level": "WARNING"},
        "stripe": {"level": "WARNING"},
    },
}
