"""How one browser likes its pages, kept in cookies so that the first paint is right without a script."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from kapture.web.redirects import back

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "theme": ("system", "light", "dark"),
    "sidebar": ("open", "collapsed"),
    "density": ("comfortable", "compact"),
    "keys": ("on", "off"),
}
AGE = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The chosen values; the first choice of each is the default, anything unknown counts as the default."""

    theme: str
    sidebar: str
    density: str
    keys: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Read the cookies of a request."""
        chosen = {name: request.COOKIES.get(name, "") for name in CHOICES}
        return cls(**{name: value if value in CHOICES[name] else CHOICES[name][0] for name, value in chosen.items()})


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the posted choices for a year and go back; unknown names and values change nothing."""
    quiet = request.headers.get("X-Requested-With") == "fetch"
    response = HttpResponse(status=204) if quiet else HttpResponseRedirect(back(request))
    for name, allowed in CHOICES.items():
        value = request.POST.get(name, "")
        if value in allowed:
            response.set_cookie(
                name, value, max_age=AGE, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
            )
    return response
