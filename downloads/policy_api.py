"""`/api/downloads/policies`: how media are wanted by default, and of which sites otherwise."""

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from downloads.choices import Format, Kind, Quality
from downloads.models import Policy
from downloads.policies import wish_of
from downloads.policy_services import PolicySpec, change_policy, create_policy, delete_policy
from downloads.specs import Wish
from kapture.api.idempotency import idempotent
from kapture.api.serializers import CamelModelSerializer, CamelSerializer, camel
from kapture.api.views import OwnedViewSet
from kapture.core.errors import InvalidInput
from kapture.jobs.lanes import Lane
from kapture.jobs.serializers import LaneField


class PolicySerializer(CamelModelSerializer):
    """A layer: the account's default where `host` is empty. Null, and an empty `kind`, leave it to the layer below."""

    kind = serializers.ChoiceField(choices=Kind.choices, read_only=True, allow_blank=True)
    quality = serializers.ChoiceField(choices=Quality.choices, read_only=True, allow_blank=True)
    lane = LaneField(read_only=True, allow_null=True)

    class Meta:
        model = Policy
        fields: ClassVar = ["id", "host", "kind", "quality", "convert_to", "subtitles", "lane", "created_at"]
        read_only_fields = fields


class PolicyInputSerializer(CamelSerializer):
    """What a layer decides; quality and format hold together with `kind`."""

    host = serializers.CharField(
        required=False, allow_blank=True, max_length=300, help_text="youtube, tiktok, reddit, x, or a host."
    )
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, allow_blank=True)
    quality = serializers.ChoiceField(choices=Quality.choices, required=False, allow_blank=True)
    convert_to = serializers.ChoiceField(choices=Format.choices, required=False, allow_blank=True)
    subtitles = serializers.BooleanField(required=False, allow_null=True)
    lane = LaneField(required=False, allow_null=True)


class PolicyViewSet(OwnedViewSet):
    """Layers, the account's default first."""

    serializer_class = PolicySerializer
    ordering = ("host", "id")

    def get_queryset(self) -> QuerySet[Policy]:
        """The caller's layers."""
        rows: QuerySet[Policy] = Policy.objects.for_user(self.request.user)
        return rows

    @extend_schema(request=PolicyInputSerializer, responses={201: PolicySerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Add a layer; one for each host."""
        policy = create_policy(request.user, _spec(self.read(PolicyInputSerializer), Policy()))
        return Response(PolicySerializer(policy).data, status=201)

    @extend_schema(request=PolicyInputSerializer, responses=PolicySerializer)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is named; the rest stays."""
        pk, values = self.fetch(pk).pk, self.read(PolicyInputSerializer)
        return Response(PolicySerializer(change_policy(request.user, pk, partial(_spec, values))).data)

    @extend_schema(responses={204: OpenApiResponse(description="Removed.")})
    def destroy(self, request: Request, pk: Any) -> Response:
        """Remove a layer."""
        delete_policy(request.user, self.fetch(pk))
        return Response(status=204)


def _spec(values: Mapping[str, Any], policy: Policy) -> PolicySpec:
    """What a layer is to say: the values given, over those it has. `InvalidInput` for a choice that would be lost."""
    kind = values.get("kind", policy.kind)
    if lost := [name for name in ("quality", "convert_to") if values.get(name) and not kind]:
        raise InvalidInput({camel(name): ["Say which kind of media this is for."] for name in lost})
    old = wish_of(policy) if policy.kind else Wish()
    wish = Wish(
        kind=Kind(kind or Kind.VIDEO),
        quality=Quality(values.get("quality") or old.quality),
        convert_to=Format(values.get("convert_to", old.convert_to if kind == policy.kind else Format.KEEP)),
    )
    lane = values.get("lane", policy.lane)
    return PolicySpec(
        host=values.get("host", policy.host),
        wish=wish if kind else None,
        subtitles=values.get("subtitles", policy.subtitles),
        lane=None if lane is None else Lane(lane),
    )
