"""What every answer of the API must look like."""

from typing import Any

from django.http import HttpResponse


def accepted(response: HttpResponse, status: int = 200) -> Any:
    """`data` of an answer, whose envelope is exactly the contract's."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert list(body) == ["success", "data", "error", "meta"]
    assert body["success"] is True
    assert body["error"] is None
    assert isinstance(body["meta"], dict)
    return body["data"]


def refused(response: HttpResponse, status: int, code: str) -> dict[str, Any]:
    """`error` of a refusal, whose envelope is exactly the contract's and names the request."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/json"
    body = response.json()
    assert list(body) == ["success", "data", "error", "meta"]
    assert body["success"] is False
    assert body["data"] is None
    assert body["meta"] == {"requestId": response["X-Request-Id"]}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    assert error["message"]
    return error
