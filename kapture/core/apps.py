"""The core."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules

# Tasks find their application by its mere existence: whoever sets up Django gets it. It is not in `kapture/__init__`,
# because the processes that fetch media need neither.
import kapture.celery  # noqa: F401


class CoreConfig(AppConfig):
    """Errors, base models, health and the oracle."""

    name = "kapture.core"
    label = "core"

    def ready(self) -> None:
        """Import `wiring` and `invariants` of each app: there it fills the registers of the floors below it."""
        autodiscover_modules("wiring", "invariants")
