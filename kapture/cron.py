"""`/api/cron`: what beat does by the clock, for installations whose clock is elsewhere."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from billing.services import ask_reconcile, turn_month
from downloads.cleanup import cleanup_media
from downloads.performing import sweep_scratch
from kapture.api.serializers import CamelSerializer
from kapture.api.views import ApiView
from kapture.core.errors import NotFound, Unauthorized
from trends.trash import empty_trash, forget_changes
from trends.watches.clock import tick
from trends.watches.grading import grade_due


class TurnedSerializer(CamelSerializer):
    """How many rows of months were opened and put away."""

    opened = serializers.IntegerField()
    archived = serializers.IntegerField()


class AskedSerializer(CamelSerializer):
    """Whether the work was asked for; false when it is under way already or switched off."""

    asked = serializers.BooleanField()


class TickedSerializer(CamelSerializer):
    """How many watches were run, how many were due and could not be, and how many alerts were graded."""

    started = serializers.IntegerField()
    skipped = serializers.IntegerField()
    graded = serializers.IntegerField()


class CleanedSerializer(CamelSerializer):
    """How much was deleted for good: posts, undone changes and downloads of the trash, files that became too old for
    their owners' plans, discarded files and files that nothing knows; and working folders.
    """

    trends = serializers.IntegerField()
    changes = serializers.IntegerField()
    downloads = serializers.IntegerField()
    expired = serializers.IntegerField()
    files = serializers.IntegerField()
    strays = serializers.IntegerField()
    folders = serializers.IntegerField()


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
    """Watches and grades that are due."""

    @extend_schema(request=None, responses=TickedSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Run the watches of active people that are due, and grade alerts (bearer: CRON_SECRET_TOKEN).

        Each slot runs once and each alert is graded once, however often and by how many clocks this is called. A call
        runs 200 watches and grades 5,000 marks at most; the next one goes on.
        """
        self.admit(request)
        ticked = tick()
        told = {"started": ticked.started, "skipped": ticked.skipped, "graded": grade_due()}
        return Response(TickedSerializer(told).data)


class CleanupMediaView(CronView):
    """What is over and takes room."""

    @extend_schema(request=None, responses=CleanedSerializer, auth=[])
    def post(self, request: Request) -> Response:
        """Empty the trash, let too old media go, sweep the store and working folders (bearer: CRON_SECRET_TOKEN).

        A part of it is done in each call, so it may be called at any time.
        """
        self.admit(request)
        now = timezone.now()
        media = cleanup_media(now)
        told = {
            "trends": empty_trash(now),
            "changes": forget_changes(now),
            "downloads": media.deleted,
            "expired": media.expired,
            "files": media.swept.rows,
            "strays": media.swept.strays,
            "folders": sweep_scratch(),
        }
        return Response(CleanedSerializer(told).data)


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
    path("cron/cleanup-media", CleanupMediaView.as_view(), name="cron-cleanup-media"),
    path("cron/reconcile", ReconcileView.as_view(), name="cron-reconcile"),
]
