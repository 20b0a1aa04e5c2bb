"""The remote control of a running stand-in, for tests and for trying faults by hand."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

TIMEOUT = 10.0


class Control:
    """Speaks to the controls of one stand-in; `base_url` may be the vendor's base URL with a path (`…/v1`)."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.url = f"{parts.scheme}://{parts.netloc}"
        # The controls are on loopback; a proxy of the environment must not see them.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def fault(self, mode: str, route: str = "*", **options: Any) -> None:
        """Queue a fault; `options` are the fields of `kapture.sandbox.faults.Fault`."""
        self._call("POST", "faults", {"mode": mode, "route": route, **options})

    def faults(self) -> list[dict[str, Any]]:
        """Faults that are not used up."""
        waiting: list[dict[str, Any]] = self._call("GET", "faults")
        return waiting

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._call("DELETE", "faults")

    def requests(self, route: str = "*", since: int = 0) -> list[dict[str, Any]]:
        """Requests so far, oldest first, with method, path, query, headers, decoded body and the fault they met."""
        entries: list[dict[str, Any]] = self._call("GET", f"requests?route={quote(route)}&since={since}")
        return entries

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self._call("DELETE", "requests")

    def turn(self, **knobs: float | str | bool) -> None:
        """Change knobs until the next reset, such as `run_seconds` or `words_per_second`."""
        self._call("POST", "settings", knobs)

    def reset(self) -> None:
        """Back to the state after the start."""
        self._call("POST", "reset")

    def get(self, path: str) -> Any:
        """The JSON at another path of this stand-in."""
        return self._request("GET", f"{self.url}{path}")

    def post(self, path: str, value: Any = None) -> Any:
        """Send JSON to another path of this stand-in and give the JSON it answers."""
        return self._request("POST", f"{self.url}{path}", value)

    def _call(self, method: str, path: str, value: Any = None) -> Any:
        return self._request(method, f"{self.url}/_sandbox/{path}", value)

    def _request(self, method: str, url: str, value: Any = None, headers: Mapping[str, str] | None = None) -> Any:
        data = None if value is None else json.dumps(value).encode()
        told = {"content-type": "application/json", **(headers or {})}
        request = urllib.request.Request(url, data, told, method=method)  # noqa: S310
        with self._open(request, timeout=TIMEOUT) as response:
            body = response.read()
        return json.loads(body) if body else None
