"""`/api/cron`: what beat does by the clock, for installations whose clock is elsewhere."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.services import ask_reconcile, turn_month
from kapture.api.serializers import CamelSerializer
from kapture.api.views import ApiView
from kapture.core.errors import NotFound, Unauthorized
from trends.watches.clock import tick


class TurnedSerializer(CamelSerializer):
    """How many rows of months were opened and put away."""

    opened = serializers.IntegerField()
    archived = serializers.IntegerField()


class AskedSerializer(CamelSerializer):
    """Whether the work was asked for; false when it is under way already or switched off."""

    asked = serializers.BooleanField()


class TickedSerializer(CamelSerializer):
    """How many watches were run, and how many were due and could not be."""

    started = serializers.IntegerField()
    skipped = serializers.IntegerField()


class CronView(ApiView):
    """A clock that knows `CRON_SECRET_TOKEN`; while that is not set there is nothing here."""

    authentication_classes = ()
    permission_classes = ()
    rate: ClassVar[str] = "60/minute"

    def admit(self, request: Request) -> None:
        """Let the clock in; raises `NotFound` or `Unauthorized`."""
        if not settings.CRON_SECRET_TOKEN:
            raise NotFound
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        known = secrets.compare_digest(token.strip().encode(), settings.CRON_SECRET_TOKEN.encode())
        if scheme.lower() != "bearer" or not known:
            raise Unauthorized("This is for the clock of this installation.")


class UsageResetView(CronView):
    """The turn of the month."""

    @extend_schema(request=None, responses=TurnedSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Open the month's rows and put ended ones away (bearer: CRON_SECRET_TOKEN).

        Nothing is reset, so it may be called at any time.
        """
        self.admit(request)
        return Response(TurnedSerializer(turn_month()).data)


class ScrapeTrendsView(CronView):
    """Watches that are due."""

    @extend_schema(request=None, responses=TickedSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Run the watches of active people that are due (bearer: CRON_SECRET_TOKEN).

        Each slot runs once, however often and by how many clocks this is called.
        """
        self.admit(request)
        return Response(TickedSerializer(tick()).data)


class ReconcileView(CronView):
    """Our copies against Stripe."""

    @extend_schema(request=None, responses={202: AskedSerializer}, auth=[])
    def post(self, request: Request) -> Response:
        """Have every customer compared with Stripe soon (bearer: CRON_SECRET_TOKEN)."""
        self.admit(request)
        return Response(AskedSerializer({"asked": ask_reconcile()}).data, 202)


urlpatterns = [
    path("cron/usage-reset", UsageResetView.as_view(), name="cron-usage-reset"),
    path("cron/scrape-trends", ScrapeTrendsView.as_view(), name="cron-scrape-trends"),
    path("cron/reconcile", ReconcileView.as_view(), name="cron-reconcile"),
]
