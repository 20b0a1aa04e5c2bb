"""Settings of the served styleguide: the product's, with the frame's own addresses."""

from kapture.settings.base import *  # noqa: F403

ROOT_URLCONF = "tests.web.urls"
SECRET_KEY = "tests-only-" + "0" * 50
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
