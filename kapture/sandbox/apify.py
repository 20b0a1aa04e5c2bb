"""The Apify stand-in: start, poll and abort runs, and read their datasets, as apify-client 3 speaks."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from kapture.sandbox.clock import iso
from kapture.sandbox.clock import now as wall_clock
from kapture.sandbox.messages import Answer, BadRequestError, Request, Response
from kapture.sandbox.runs import USD_PER_ITEM, Item, Run, Runs, actor_id
from kapture.sandbox.standin import CONTROL, Knob, Route, StandIn

Find = Callable[..., list[Item] | None]

LONGEST_WAIT = 60.0
_TYPES = {
    400: "invalid-input",
    401: "user-or-token-not-found",
    402: "not-enough-usage-to-run-paid-actor",
    403: "insufficient-permissions",
    404: "record-not-found",
    405: "method-not-allowed",
    409: "conflict",
    429: "rate-limit-exceeded",
}


class ApifyStandIn(StandIn):
    """Apify's API under /v2; `find(actor, input, now, growth)` gives the items of a run, None without such an actor."""

    name = "apify"
    knobs: ClassVar[dict[str, Knob]] = {
        "run_seconds": 3.0,  # how long a run takes
        "token": "",  # when set, the only token that is let in
        "fail_runs": False,  # whether runs started from now on end as FAILED
        "growth": 1.0,  # how many times as old as it is a post counts as, when its counters are told
    }

    def __init__(self, find: Find, clock: Callable[[], datetime] = wall_clock, **knobs: Knob) -> None:
        self._find = find
        self._clock = clock
        self.runs = Runs(clock)
        super().__init__(**knobs)

    def routes(self) -> Sequence[Route]:
        """Actors, runs, datasets, the input record, and what the sandbox alone tells: which runs there were."""
        return (
            Route("GET", "/v2/users/me", self._me),
            *(route for actors in ("actors", "acts") for route in self._actor_routes(f"/v2/{actors}")),
            Route("GET", "/v2/actor-runs", self._list),
            Route("GET", "/v2/actor-runs/{run}", self._get),
            Route("POST", "/v2/actor-runs/{run}/abort", self._abort),
            Route("GET", "/v2/actor-runs/{run}/dataset/items", self._run_items),
            Route("GET", "/v2/datasets/{dataset}", self._dataset),
            Route("GET", "/v2/datasets/{dataset}/items", self._items),
            Route("GET", "/v2/key-value-stores/{store}/records/{key}", self._record),
            Route("GET", f"{CONTROL}runs", self._journal),
        )

    def refuse(self, status: int, message: str) -> Response:
        """`{"error": {"type", "message"}}`."""
        kind = _TYPES.get(status, "internal-server-error" if status >= 500 else "request-failed")
        return Response.json({"error": {"type": kind, "message": message}}, status)

    def reset(self) -> None:
        """Forget the runs too."""
        super().reset()
        self.runs.clear()

    def guard(self, request: Request, answer: Answer) -> Response:
        """Nothing without a token."""
        token = request.bearer or request.query.get("token", "")
        if not token:
            return Response.json({"error": {"type": "token-not-provided", "message": "No token was given."}}, 401)
        if self.settings["token"] not in ("", token):
            return self.refuse(401, "User was not found or authentication token is not valid")
        return answer()

    def _actor_routes(self, base: str) -> tuple[Route, ...]:
        return (
            Route("GET", f"{base}/{{actor}}", self._actor),
            Route("POST", f"{base}/{{actor}}/runs", self._start),
            Route("GET", f"{base}/{{actor}}/runs", self._list),
        )

    def _me(self, request: Request, _: dict[str, str]) -> Response:
        return Response.json({"data": {"id": "sandboxUser000001", "username": "sandbox"}})

    def _actor(self, request: Request, names: dict[str, str]) -> Response:
        actor = names["actor"].replace("~", "/")
        if self._find(actor, {}, self._clock()) is None:
            return self.refuse(404, "Actor was not found")
        user, _, name = actor.partition("/")
        return Response.json({"data": {"id": actor_id(actor), "name": name, "username": user, "isPublic": True}})

    def _start(self, request: Request, names: dict[str, str]) -> Response:
        actor, run_input, now = names["actor"].replace("~", "/"), request.json_object(), self._clock()
        items = self._find(actor, run_input, now, self.seconds("growth"))
        if items is None:
            return self.refuse(404, "Actor was not found")
        charge = request.number("maxTotalChargeUsd", 0) or None
        limit = int(request.number("maxItems", 0)) or None
        run = Run(
            actor=actor,
            run_input=run_input,
            items=items[: _affordable(limit, charge)],
            seconds=self.seconds("run_seconds"),
            started=now,
            timeout_seconds=int(request.number("timeout", 0)),
            max_items=limit,
            max_charge_usd=charge,
            fails=bool(self.settings["fail_runs"]),
            body_bytes=len(request.body),
        )
        self.runs.add(run)
        self._wait(request, run)
        return Response.json({"data": run.shown(self._clock())}, 201, {"location": f"/v2/actor-runs/{run.id}"})

    def _get(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.get(names["run"])
        if run is None:
            return self.refuse(404, "Actor run was not found")
        self._wait(request, run)
        return Response.json({"data": run.shown(self._clock())})

    def _wait(self, request: Request, run: Run) -> None:
        seconds = request.number("waitForFinish", 0)
        if seconds < 0:
            raise BadRequestError("waitForFinish must not be negative.")
        self.runs.wait(run, min(seconds, LONGEST_WAIT))

    def _abort(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.get(names["run"])
        if run is None:
            return self.refuse(404, "Actor run was not found")
        self.runs.abort(run)
        return Response.json({"data": run.shown(self._clock())})

    def _list(self, request: Request, names: dict[str, str]) -> Response:
        now = self._clock()
        actor = names.get("actor", "").replace("~", "/")
        wanted = set(filter(None, request.query.get("status", "").split(",")))
        after = request.query.get("startedAfter", "")
        runs = [
            run.shown(now)
            for run in self.runs.all()
            if actor in ("", run.actor) and (not wanted or run.status(now) in wanted) and iso(run.started) >= after
        ]
        return _page(request, runs)

    def _run_items(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.get(names["run"])
        return self._items(request, {"dataset": run.dataset_id if run else ""})

    def _dataset(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.of_dataset(names["dataset"])
        if run is None:
            return self.refuse(404, "Dataset was not found")
        now = self._clock()
        count = len(run.found(now))
        moments = dict.fromkeys(("createdAt", "modifiedAt", "accessedAt"), iso(run.started))
        data = {"id": run.dataset_id, "userId": "sandboxUser000001", "actId": actor_id(run.actor), "actRunId": run.id}
        counts = {"itemCount": count, "cleanItemCount": count, "consoleUrl": "http://127.0.0.1/"}
        return Response.json({"data": {**data, **moments, **counts}})

    def _items(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.of_dataset(names["dataset"])
        if run is None:
            return self.refuse(404, "Dataset was not found")
        rows = run.found(self._clock())
        offset, limit = int(request.number("offset", 0)), int(request.number("limit", 0))
        desc = request.query.get("desc", "") in ("1", "true")
        page = (rows[::-1] if desc else rows)[offset:][: limit or None]
        paging = {"total": len(rows), "offset": offset, "limit": limit or 250_000, "count": len(page)}
        headers = {f"x-apify-pagination-{name}": str(value) for name, value in paging.items()}
        clean = request.query.get("clean", "") in ("1", "true")
        fields = list(filter(None, request.query.get("fields", "").split(",")))
        shown = [_shaped(item, clean, fields) for item in page if item or not clean]
        return Response.json(shown, headers={**headers, "x-apify-pagination-desc": str(desc).lower()})

    def _record(self, request: Request, names: dict[str, str]) -> Response:
        run = self.runs.of_store(names["store"])
        if run is None or names["key"] != "INPUT":
            return self.refuse(404, "Record was not found")
        return Response.json(run.run_input)

    def _journal(self, request: Request, _: dict[str, str]) -> Response:
        now = self._clock()
        return Response.json(
            [
                {"id": run.id, "actor": run.actor, "input": run.run_input, "status": run.status(now)}
                | {"items": len(run.items), "found": len(run.found(now))}
                for run in self.runs.all()
            ]
        )


def _affordable(limit: int | None, charge_usd: float | None) -> int | None:
    """How many items the caller wants to pay for; None when there is no limit."""
    limits = [value for value in (limit, int(charge_usd / USD_PER_ITEM) if charge_usd else None) if value is not None]
    return min(limits, default=None)


def _shaped(item: Item, clean: bool, fields: list[str]) -> Item:
    """One item as the query wants it: without `#hidden` keys when clean, only the named fields when there are any."""
    kept = {key: value for key, value in item.items() if not (clean and key.startswith("#"))}
    return {key: kept[key] for key in fields if key in kept} if fields else kept


def _page(request: Request, rows: list[dict[str, Any]]) -> Response:
    offset, limit = int(request.number("offset", 0)), int(request.number("limit", 0)) or 1000
    desc = request.query.get("desc", "") in ("1", "true")
    page = (rows[::-1] if desc else rows)[offset : offset + limit]
    paging = {"total": len(rows), "offset": offset, "limit": limit, "count": len(page), "desc": desc}
    return Response.json({"data": {**paging, "items": page}})
