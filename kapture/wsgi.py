"""The WSGI application (granian serves it; ASGI was measured ten times slower here)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kapture.settings.base")
application = get_wsgi_application()
