"""`/api/auth`."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.closing.api import ClosingMixin
from accounts.models import ApiKey
from accounts.serializers import (
    ApiKeySerializer,
    ChangedKeySerializer,
    IssuedKeySerializer,
    NewKeySerializer,
    ProfileSerializer,
    UserSerializer,
)
from accounts.services import change_key, change_profile, issue_key, revoke_key
from kapture.api.idempotency import idempotent
from kapture.api.views import ApiView, OwnedViewSet
from kapture.core.errors import Forbidden


class MeView(ClosingMixin, ApiView):
    """The caller."""

    @extend_schema(responses=UserSerializer)
    def get(self, request: Request) -> Response:
        """Who I am."""
        return Response(UserSerializer(self.caller).data)

    @extend_schema(request=ProfileSerializer, responses=UserSerializer)
    def patch(self, request: Request) -> Response:
        """Change my name or avatar."""
        reader = ProfileSerializer(self.caller, data=request.data, partial=True)
        reader.is_valid(raise_exception=True)
        return Response(UserSerializer(change_profile(self.caller, **reader.validated_data)).data)


class KeyViewSet(OwnedViewSet):
    """The caller's API keys."""

    serializer_class = ApiKeySerializer
    shown_once = ("secret",)

    def get_queryset(self) -> QuerySet[ApiKey]:
        """Keys that were not revoked."""
        return ApiKey.objects.for_user(self.request.user).filter(revoked_at=None)

    @extend_schema(request=NewKeySerializer, responses={201: IssuedKeySerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Make a key; only a signed-in person may, so that a leaked key cannot breed."""
        self._by_a_person()
        issued = issue_key(self.caller, **self.read(NewKeySerializer))
        return Response(IssuedKeySerializer(issued).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ChangedKeySerializer, responses=ApiKeySerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change the name or the daily cap of a key; only a signed-in person may, so that no key lifts its own cap."""
        key = self.fetch(pk)
        self._by_a_person()
        changed = change_key(self.caller, key, **self.read(ChangedKeySerializer))
        return Response(ApiKeySerializer(changed).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Revoke a key at once."""
        revoke_key(self.caller, self.fetch(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _by_a_person(self) -> None:
        if isinstance(self.request.auth, ApiKey):
            raise Forbidden("Keys are managed in the dashboard, or by somebody signed in there.")
