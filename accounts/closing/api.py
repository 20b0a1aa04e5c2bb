"""`DELETE /api/auth/user`."""

from typing import Any, Literal

from django.contrib.auth import logout
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.closing.services import Reason, request_closing
from accounts.models import User
from kapture.api.schema import EnvelopeSchema
from kapture.api.serializers import CamelSerializer
from kapture.core.errors import InvalidInput
from kapture.jobs.serializers import JobSerializer

NOT_OWN = "Give the e-mail address of this account."


class ClosingSerializer(CamelSerializer):
    """That it is meant."""

    confirm = serializers.CharField(
        max_length=254,
        help_text="The e-mail address of this account, so that a slip of a program ends no account.",
    )


class BodySchema(EnvelopeSchema):
    """Describes the body of a DELETE as well, which a framework for older schemas leaves out."""

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> Any:
        if self.method != "DELETE":
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        serializer = self.get_request_serializer()
        if serializer is None:
            return None
        component = self.resolve_serializer(serializer, direction)
        return {"content": {"application/json": {"schema": component.ref}}, "required": True}


class ClosingMixin:
    """The end of the caller's account."""

    schema: Any = BodySchema()

    @extend_schema(request=ClosingSerializer, responses={202: JobSerializer})
    def delete(self, request: Request) -> Response:
        """Close your account for good: at once nothing lets you in any more, then everything of yours is deleted.

        `confirm` must be the account's own e-mail address. The job that is answered does the work; with the account
        the right to look at it is gone. 409 for staff, whose rights have to be taken away first.
        """
        view: Any = self
        user: User = view.caller
        if view.read(ClosingSerializer)["confirm"].strip().lower() != user.email.lower():
            raise InvalidInput({"confirm": [NOT_OWN]})
        job = request_closing(user, actor=user, reason=Reason.PERSON)
        if request.auth is None:
            logout(request._request)
        return Response(JobSerializer(job).data, status=status.HTTP_202_ACCEPTED)
