"""Accounts on the wire."""

from typing import ClassVar

from django.core.validators import URLValidator
from rest_framework import serializers

from accounts.models import ApiKey, User
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
        fields: ClassVar = ["id", "name", "prefix", "scope", "expires_at", "last_used_at", "created_at"]
        read_only_fields = fields


class NewKeySerializer(CamelSerializer):
    """Wishes for a new key."""

    name = serializers.CharField(max_length=80)
    scope = serializers.ChoiceField(choices=ApiKey.Scope.choices, default=ApiKey.Scope.WRITE)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class IssuedKeySerializer(CamelSerializer):
    """A new key; `secret` is shown this once, a replay of the answer has null in its place."""

    key = ApiKeySerializer()
    secret = serializers.CharField(allow_null=True)
