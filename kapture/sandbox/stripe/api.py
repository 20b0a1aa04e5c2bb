"""The paths under /v1 of what there is: customers, products, prices, invoices, events."""

from collections.abc import Sequence

from kapture.sandbox.messages import Request, Response
from kapture.sandbox.standin import Route
from kapture.sandbox.stripe import prices, shapes
from kapture.sandbox.stripe.account import Account
from kapture.sandbox.stripe.errors import RefusedError, missing
from kapture.sandbox.stripe.forms import flag, merged, only, read
from kapture.sandbox.stripe.lists import PAGING, one, page
from kapture.sandbox.stripe.store import Obj
from kapture.sandbox.stripe.subscriptions import LIVING

Names = dict[str, str]


class Api:
    """One method a path; every one holds the account's lock while it works."""

    def __init__(self, account: Account) -> None:
        self._account, self._store = account, account.store

    def routes(self) -> Sequence[Route]:
        """Every path."""
        return (
            Route("POST", "/v1/customers", self._create_customer),
            Route("GET", "/v1/customers/{id}", self._retrieve_customer),
            Route("POST", "/v1/customers/{id}", self._update_customer),
            Route("DELETE", "/v1/customers/{id}", self._delete_customer),
            Route("GET", "/v1/products", self._list_products),
            Route("GET", "/v1/products/{id}", self._account.retrieve("product")),
            Route("GET", "/v1/prices", self._list_prices),
            Route("GET", "/v1/prices/{id}", self._retrieve_price),
            Route("GET", "/v1/invoices", self._list_invoices),
            Route("GET", "/v1/invoices/{id}", self._account.retrieve("invoice")),
            Route("GET", "/v1/events", self._list_events),
            Route("GET", "/v1/events/{id}", self._account.retrieve("event")),
        )

    def _create_customer(self, request: Request, _: Names) -> Response:
        params = only(read(request), "email", "name", "metadata", "description", "phone")
        now = self._store.now()
        made = shapes.customer(now, params.get("email"), params.get("name"), merged({}, params))
        self._account.events.emit("customer.created", self._store.add(made))
        return one(self._store, made, params)

    def _retrieve_customer(self, request: Request, names: Names) -> Response:
        found = self._store.find("customer", names["id"])
        if found and found.get("deleted"):
            return Response.json({"id": found["id"], "object": "customer", "deleted": True})
        return self._account.retrieve("customer")(request, names)

    def _update_customer(self, request: Request, names: Names) -> Response:
        buyer = self._account.buyer(names["id"], "id", 404)
        params = only(read(request), "email", "name", "metadata", "description", "phone")
        changes = {name: params[name] or None for name in ("email", "name", "description", "phone") if name in params}
        self._account.events.change("customer.updated", buyer, **changes, metadata=merged(buyer["metadata"], params))
        return one(self._store, buyer, params)

    def _delete_customer(self, request: Request, names: Names) -> Response:
        buyer = self._account.buyer(names["id"], "id", 404)
        for sub in self._store.newest("subscription", lambda sub: bool(sub["customer"] == buyer["id"])):
            if sub["status"] in LIVING:
                self._account.subscriptions.end(sub)
        self._account.events.emit("customer.deleted", buyer)
        buyer |= {"deleted": True, "email": None, "name": None, "metadata": {}}
        return Response.json({"id": buyer["id"], "object": "customer", "deleted": True})

    def _list_products(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "active", "created", "ids")
        ids = params.get("ids")
        found = self._store.newest("product", lambda product: ids is None or product["id"] in ids)
        return page(self._store, found, params, "/v1/products")

    def _list_prices(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "active", "created", "lookup_keys", "product", "type", "currency")
        keys = params.get("lookup_keys")
        found = self._store.newest("price", lambda price: keys is None or price["lookup_key"] in keys)
        found = [price for price in found if params.get("type", price["type"]) == price["type"]]
        return page(self._store, found, params, "/v1/prices")

    def _retrieve_price(self, request: Request, names: Names) -> Response:
        found = prices.find(self._store, names["id"])
        if found is None:
            raise missing("price", names["id"], "price")
        return one(self._store, found, only(read(request)))

    def _list_invoices(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "created", "customer", "status", "subscription")
        sub = params.get("subscription")

        def wanted(obj: Obj) -> bool:
            named = ((obj["parent"] or {}).get("subscription_details") or {}).get("subscription")
            return sub in (None, named) and all(
                params.get(name) in (None, obj[name]) for name in ("customer", "status")
            )

        return page(self._store, self._store.newest("invoice", wanted), params, "/v1/invoices")

    def _list_events(self, request: Request, _: Names) -> Response:
        params = only(read(request), *PAGING, "created", "type", "types", "delivery_success")
        success = flag(params["delivery_success"], "delivery_success") if "delivery_success" in params else None
        types = params.get("types") or ([params["type"]] if "type" in params else None)
        if types is not None and (not isinstance(types, list) or ("type" in params and "types" in params)):
            raise RefusedError("Give either `type` or a list of `types`.", param="types")

        def wanted(event: Obj) -> bool:
            return success in (None, event["_delivered"]) and (types is None or event["type"] in types)

        return page(self._store, self._store.newest("event", wanted), params, "/v1/events")
