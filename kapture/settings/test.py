"""Settings of the test suite: the same product with short timings and cheap password hashes."""

from datetime import timedelta

from kapture.settings.base import *
from kapture.settings.base import DATABASES, STATIC_ROOT, STORAGES

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
DATABASES = {"default": {**DATABASES["default"], "ENGINE": "tests.database"}}
SECRET_KEY = "tests-only-" + "0" * 50
# Pages name static files by their plain names; the bundle has tests of its own and the browser tests use it.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Longer than a busy machine stands still: no test of one process waits for a lease to run out.
JOB_LEASE = timedelta(seconds=60)
JOB_HEARTBEAT = timedelta(seconds=0.5)
JOB_DISPATCH_EVERY = timedelta(seconds=0.2)
JOB_RETRY_BASE = timedelta(seconds=0.2)
ACCOUNT_RATE_LIMITS = False
CRASHPOINTS = True
