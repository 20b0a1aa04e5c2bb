"""`/api/auth/sync`."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.clerk.people import refresh
from accounts.serializers import UserSerializer
from kapture.api.views import ApiView


class SyncView(ApiView):
    """What Clerk knows of the caller."""

    # Each call asks Clerk.
    rate = "30/minute"

    @extend_schema(request=None, responses=UserSerializer)
    def post(self, request: Request) -> Response:
        """Bring the caller's name, picture and address up to date with Clerk and answer them; again changes nothing."""
        return Response(UserSerializer(refresh(self.caller)).data)
