"""How the API answers and describes itself."""

from kapture.settings.env import env, secret
from kapture.settings.site import TRUSTED_PROXIES

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.ApiKeyAuthentication",
        "accounts.clerk.authentication.ClerkAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.ScopePermission"],
    "DEFAULT_RENDERER_CLASSES": ["kapture.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["kapture.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "kapture.api.pagination.Pagination",
    "DEFAULT_THROTTLE_CLASSES": ["kapture.api.throttling.CallerThrottle"],
    "DEFAULT_SCHEMA_CLASS": "kapture.api.schema.EnvelopeSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "kapture.api.envelope.JsonOnly",
    "EXCEPTION_HANDLER": "kapture.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "PAGE_SIZE": 20,
}
# Who knows it may call /api/cron; without it there is no such address.
CRON_SECRET_TOKEN = secret("CRON_SECRET_TOKEN", shortest=16)
API_RATE = env.str("API_RATE", default="600/minute")
SPECTACULAR_SETTINGS = {
    "TITLE": "Kapture API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Trends, downloads, ideaboards and the library of one creator.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kapture.api.schema.wrap",
    ],
    "ENUM_NAME_OVERRIDES": {
        "PlatformEnum": "kapture.core.choices.Platform",
        "UsageKindEnum": "kapture.core.choices.UsageKind",
        "JobStateEnum": "kapture.jobs.models.State",
        "BoardStateEnum": "ideaboards.models.Ideaboard.State",
        "ExportStateEnum": "accounts.exporting.queries.STATES",
        "GenerationStateEnum": "ideaboards.models.Generation.State",
        "ReservationStateEnum": "billing.models.Reservation.State",
        "WatchStateEnum": "trends.models.Watch.State",
        "WatchRunStateEnum": "trends.models.WatchRun.State",
        "MarkStateEnum": "trends.models.Mark.State",
        "ItemTypeEnum": "library.specs.Kind",
    },
}
