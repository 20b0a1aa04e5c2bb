"""The OpenAPI schema: what views declare, inside the envelope they answer with."""

from copy import deepcopy
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from kapture.api.errors import CODES

META = {"type": "object", "additionalProperties": True}
ERROR = {
    "type": "object",
    "required": ["success", "data", "error", "meta"],
    "properties": {
        "success": {"type": "boolean", "const": False},
        "data": {"type": "null"},
        "error": {
            "type": "object",
            "required": ["code", "message", "details"],
            "properties": {
                "code": {"type": "string", "enum": [*CODES.values(), "USAGE_EXCEEDED"]},
                "message": {"type": "string"},
                "details": {},
            },
        },
        "meta": {"type": "object", "properties": {"requestId": {"type": "string"}}, "required": ["requestId"]},
    },
}

# Of the two answers a caller may get, the key decides: `meta.usage` is there when units would be spent.
DRY_RUN = {
    "type": "object",
    "required": ["success", "data", "error", "meta"],
    "properties": {
        "success": {"type": "boolean", "const": True},
        "data": {"type": "null"},
        "error": {"type": "null"},
        "meta": {
            "type": "object",
            "required": ["dryRun"],
            "properties": {
                "dryRun": {"type": "boolean", "const": True},
                "usage": {
                    "type": "object",
                    "required": ["type", "current", "limit", "remaining", "requested"],
                    "properties": {
                        "type": {"type": "string"},
                        "current": {"type": "integer"},
                        "limit": {"type": "integer"},
                        "remaining": {"type": "integer"},
                        "requested": {"type": "integer"},
                    },
                },
            },
        },
    },
}


CHECK = {
    "type": "object",
    "required": ["status", "detail"],
    "properties": {
        "status": {"type": "string", "enum": ["ok", "off", "down", "sandbox"]},
        "detail": {"type": "string"},
    },
}
# Lives below the API kit, so it is described by hand.
HEALTH = {
    "get": {
        "operationId": "health",
        "description": "How each part stands; vendors are told from settings, never called.",
        "tags": ["health"],
        "responses": {
            "200": {
                "description": "Healthy, or degraded.",
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["status", "timestamp", "checks"],
                            "properties": {
                                "status": {"type": "string", "enum": ["healthy", "degraded"]},
                                "timestamp": {"type": "string", "format": "date-time"},
                                "checks": {"type": "object", "additionalProperties": CHECK},
                            },
                        }
                    }
                },
            }
        },
    }
}


class EnvelopeSchema(AutoSchema):
    """Adds the query parameters of a view's `query_serializer` to its list operation."""

    def get_override_parameters(self) -> list[Any]:
        """Declared parameters, and `Idempotency-Key` where the handler honours it."""
        parameters: list[Any] = list(super().get_override_parameters())
        handler = getattr(self.view, getattr(self.view, "action", None) or self.method.lower(), None)
        if getattr(handler, "honours_key", False):
            parameters.append(
                OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Kept for 24 hours.")
            )
        query = getattr(self.view, "query_serializer", None)
        if self.method == "GET" and query is not None and not self.path.endswith("}"):
            parameters.append(query)
        return parameters


def wrap(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Postprocessing hook: put every JSON answer into the envelope and declare the refusals of each operation.

    Operations that change something also tell what a dry-run key gets.
    """
    result["paths"]["/api/health"] = deepcopy(HEALTH)
    result.setdefault("components", {}).setdefault("schemas", {}).update({"Error": ERROR, "DryRun": DRY_RUN})
    refusal = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            for answer in operation["responses"].values():
                body = answer.get("content", {}).get("application/json")
                if body is not None:
                    body["schema"] = _envelope(body["schema"])
            if method != "get" and operation.get("security"):
                _add_dry_run(operation["responses"])
            for status, code in CODES.items():
                operation["responses"].setdefault(str(status), {"description": code, **refusal})
    _allow_blanks(result)
    return result


def _add_dry_run(responses: dict[str, Any]) -> None:
    """Declare that a dry-run key gets 200 and no data, beside what the operation itself answers with 200."""
    answer = responses.setdefault("200", {"description": "With a dry-run key: checked and priced, nothing done."})
    content = answer.setdefault("content", {})
    told: dict[str, Any] = {"$ref": "#/components/schemas/DryRun"}
    if "application/json" in content:
        told = {
            "type": "object",
            "required": DRY_RUN["required"],
            "anyOf": [content["application/json"]["schema"], told],
        }
    content["application/json"] = {"schema": told}


def _allow_blanks(part: Any) -> None:
    """Make "a formatted text or an empty one" an `anyOf`: where formats are not checked, an empty text is both."""
    if isinstance(part, dict):
        if {"type": "string", "maxLength": 0} in part.get("oneOf", ()):
            part["anyOf"] = part.pop("oneOf")
        for value in part.values():
            _allow_blanks(value)
    elif isinstance(part, list):
        for value in part:
            _allow_blanks(value)


def _envelope(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["success", "data", "error", "meta"],
        "properties": {
            "success": {"type": "boolean", "const": True},
            "data": schema,
            "error": {"type": "null"},
            "meta": META,
        },
    }
