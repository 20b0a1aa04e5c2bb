"""What a browser keeps of a look: the session knows which, and a cookie spares all others the question.

Without the cookie a session of staff is an ordinary one, so losing it only ends the look in that browser.
"""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from accounts.models import Impersonation

KEY = "impersonation"
COOKIE = "looking"


def begin(request: HttpRequest, response: HttpResponse, look: Impersonation) -> None:
    """Look with this browser from the next request on; forms of pages that are open count no more."""
    request.session[KEY] = str(look.pk)
    rotate_token(request)
    response.set_cookie(COOKIE, "1", httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def current(request: HttpRequest) -> UUID | None:
    """Which look this browser takes part in."""
    return UUID(request.session[KEY]) if COOKIE in request.COOKIES and KEY in request.session else None


def forget(request: HttpRequest, response: HttpResponse) -> None:
    """Be oneself again; forms of pages that are open count no more."""
    request.session.pop(KEY, None)
    rotate_token(request)
    response.delete_cookie(COOKIE, samesite="Lax")
