"""Bases of API views: bodies and queries are read through serializers, rows only through their owner."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from kapture.api.dryrun import is_rehearsed, rehearse
from kapture.core.errors import NotFound
from kapture.core.paging import count


class ApiMixin:
    """`meta` of the envelope, and reading of input."""

    request: Any
    headers: dict[str, str]
    meta: dict[str, Any]
    query_serializer: ClassVar[type[BaseSerializer[Any]] | None] = None
    # Fields of an answer that are never stored, not even to repeat it for an `Idempotency-Key`.
    shown_once: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Start each request with an empty `meta`; of one with a dry-run key nothing will remain."""
        self.meta = {}
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        name = str(request.method).lower()
        handler = getattr(self, name, None)
        if handler is not None and is_rehearsed(request):
            # The framework looks the handler up on this instance, which serves this one request.
            setattr(self, name, rehearse(self, handler))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers belong to their caller: nothing between keeps them, unless a view says otherwise."""
        response.headers.setdefault("Cache-Control", "no-store")
        if response.status_code == 404:
            # A thing that is missing answers as an address that no route knows.
            self.headers.pop("Allow", None)
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]

    @property
    def caller(self) -> Any:
        """The user who calls; permissions see to it that there is one."""
        return self.request.user

    def read(self, serializer: type[BaseSerializer[Any]], **context: Any) -> dict[str, Any]:
        """The checked body; raises 400 naming each wrong field."""
        reader = serializer(data=self.request.data, context={"request": self.request, **context})
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)

    def query(self) -> dict[str, Any]:
        """The checked query parameters (those of paging aside); raises 400 naming each wrong one."""
        assert self.query_serializer is not None
        names = {key: value for key, value in self.request.query_params.items() if key not in PAGING and value != ""}
        reader = self.query_serializer(data=names, context={"request": self.request})
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)


PAGING = frozenset({"page", "limit", "cursor"})


class ApiView(ApiMixin, APIView):
    """A single endpoint."""


class OwnedViewSet(ApiMixin, GenericViewSet[Any]):
    """List and detail of rows that belong to the caller; `get_queryset` must start from `for_user`."""

    ordering: ClassVar[Sequence[str]] = ("-created_at", "-id")

    def get_ordering(self) -> Sequence[str]:
        """A total order; its last field is unique."""
        return self.ordering

    def get_total(self, queryset: Any) -> tuple[int, bool]:
        """How many rows there are, and whether that is exact."""
        return count(queryset)

    def list(self, request: Request) -> Response:
        """A page of rows."""
        rows = self.paginate_queryset(self.get_queryset())
        return Response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request: Request, pk: Any) -> Response:
        """One row."""
        return Response(self.get_serializer(self.fetch(pk)).data)

    def fetch(self, pk: Any) -> Any:
        """The caller's row of that id; raises `NotFound` alike for missing and foreign ones."""
        row = self.get_queryset().filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row
