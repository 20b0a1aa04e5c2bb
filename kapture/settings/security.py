"""What browsers and requests may do."""

from csp.constants import NONE, SELF

from kapture.settings.data import MEDIA_ORIGINS
from kapture.settings.env import env
from kapture.settings.site import SITE
from kapture.settings.vendors import STRIPE_PAGES

CSRF_COOKIE_SECURE = SITE.scheme == "https"
CSRF_COOKIE_NAME = "__Host-csrftoken" if CSRF_COOKIE_SECURE else "csrftoken"
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
        "img-src": [SELF, "data:", "https:", *env.list("IMAGE_ORIGINS", default=[]), *MEDIA_ORIGINS],
        "font-src": [SELF],
        # Media in a store elsewhere comes from there, by links that we sign.
        "media-src": [SELF, *MEDIA_ORIGINS],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF, *STRIPE_PAGES],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
