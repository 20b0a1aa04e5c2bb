"""Accounts on the wire."""

from typing import Any, ClassVar

from django.core.validators import URLValidator
from rest_framework import serializers

from accounts.models import ApiKey, User
from accounts.services import MOST_A_DAY
from kapture.api.serializers import CamelModelSerializer, CamelSerializer


class UserSerializer(CamelModelSerializer):
    """The caller."""

    class Meta:
        model = User
        fields: ClassVar = ["id", "email", "name", "avatar_url", "date_joined"]
        read_only_fields: ClassVar = ["id", "email", "date_joined"]


class ProfileSerializer(CamelModelSerializer):
    """What a user may change about themselves."""

    # Pages load images over https only (see the content security policy), so another address would never show.
    avatar_url = serializers.URLField(
        max_length=600,
        required=False,
        allow_blank=True,
        validators=[URLValidator(schemes=["https"], message="Give an https:// address.")],
    )

    class Meta:
        model = User
        fields: ClassVar = ["name", "avatar_url"]


class ApiKeySerializer(CamelModelSerializer):
    """A key without its secret."""

    class Meta:
        model = ApiKey
        fields: ClassVar = [
            "id", "name", "prefix", "scope", "daily_cap", "is_dry_run", "expires_at", "last_used_at", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class DailyCapField(serializers.IntegerField):
    """Units of all kinds together on a UTC day; null for no cap."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, min_value=0, max_value=MOST_A_DAY, **options)


class NewKeySerializer(CamelSerializer):
    """Wishes for a new key."""

    name = serializers.CharField(max_length=80)
    scope = serializers.ChoiceField(choices=ApiKey.Scope.choices, default=ApiKey.Scope.WRITE)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    daily_cap = DailyCapField()
    is_dry_run = serializers.BooleanField(default=False)


class ChangedKeySerializer(CamelSerializer):
    """What may be changed about a key; its scope and expiry may not, because programs rely on them."""

    name = serializers.CharField(max_length=80, required=False)
    daily_cap = DailyCapField()


class IssuedKeySerializer(CamelSerializer):
    """A new key; `secret` is shown this once, a replay of the answer has null in its place."""

    key = ApiKeySerializer()
    secret = serializers.CharField(allow_null=True)
