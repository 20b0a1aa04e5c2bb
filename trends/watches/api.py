"""`/api/trends/watches`."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from billing.queries import as_meta
from kapture.api.idempotency import idempotent
from kapture.api.views import ApiView, OwnedViewSet
from kapture.core.choices import Platform
from trends.models import Watch
from trends.specs import clean_keywords
from trends.watches import queries, services
from trends.watches.answers import (
    AlertSerializer,
    BacktestSerializer,
    CostSerializer,
    RunSerializer,
    WatchSerializer,
    of_backtest,
    of_watch,
)
from trends.watches.backtest import Search, backtest
from trends.watches.schedule import Schedule
from trends.watches.serializers import (
    BacktestRequestSerializer,
    CostRequestSerializer,
    WatchChangeSerializer,
    WatchWriteSerializer,
    rule_of,
)


class WatchViewSet(OwnedViewSet):
    """Watches of the caller, the newest first."""

    serializer_class = WatchSerializer

    def get_queryset(self) -> QuerySet[Watch]:
        """The caller's watches with their rules."""
        return queries.watches(self.request.user)

    def shown(self, rows: list[Watch]) -> list[dict[str, Any]]:
        """The answers for watches."""
        now = timezone.now()
        records = queries.records(rule for watch in rows for rule in watch.rules.all())
        fresh = queries.fresh([watch.pk for watch in rows])
        answers = [of_watch(watch, records, fresh, now) for watch in rows]
        return [dict(one) for one in WatchSerializer(answers, many=True).data]

    def list(self, request: Request) -> Response:
        """All watches, each with its rules and their records."""
        return Response(self.shown(self.paginate_queryset(self.get_queryset()) or []))

    def retrieve(self, request: Request, pk: UUID) -> Response:
        """One watch."""
        return Response(self.shown([self.fetch(pk)])[0])

    @extend_schema(request=WatchWriteSerializer, responses={201: WatchSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Keep a watch; it runs within a minute, then by its schedule. `monthlyUnits` says what that takes."""
        body = WatchWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        watch = services.create_watch(request.user, body.spec())
        return Response(self.shown([self.fetch(watch.pk)])[0], status=status.HTTP_201_CREATED)

    @extend_schema(request=WatchChangeSerializer, responses=WatchSerializer)
    def partial_update(self, request: Request, pk: UUID) -> Response:
        """Change a watch, pause it, or let it run again; all of it or nothing."""
        self.fetch(pk)
        body = WatchChangeSerializer(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        told = body.validated_data
        state = Watch.State(told["state"]) if "state" in told else None
        services.amend_watch(request.user, pk, body.fields_of(told), state)
        return Response(self.shown([self.fetch(pk)])[0])

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: UUID) -> Response:
        """Delete a watch with its runs, rules and alerts; the trends it found stay."""
        services.delete_watch(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: RunSerializer})
    @idempotent
    def run(self, request: Request, pk: UUID) -> Response:
        """Run a watch at once; one scrape unit for each platform."""
        run = services.run_now(request.user, pk)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class _OfWatch(OwnedViewSet):
    def watch(self) -> Watch:
        """The caller's watch that the address names; raises `NotFound`."""
        found: Watch = Watch.objects.fetch(self.request.user, self.kwargs["pk"])
        return found


class RunViewSet(_OfWatch):
    """Runs of a watch, the latest first."""

    serializer_class = RunSerializer
    ordering = ("-slot", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """The runs of the watch."""
        return queries.runs_of(self.watch())

    def list(self, request: Request, pk: UUID | None = None) -> Response:
        """What became of each slot, and of runs by hand."""
        return super().list(request)


class AlertViewSet(_OfWatch):
    """Alerts of a watch, the latest first."""

    serializer_class = AlertSerializer
    ordering = ("-raised_at", "-id")

    def get_queryset(self) -> QuerySet[Any]:
        """The alerts of the watch."""
        return queries.alerts_of(self.watch())

    def list(self, request: Request, pk: UUID | None = None) -> Response:
        """Alerts with their marks, without those of posts in the trash."""
        return super().list(request)


class CostView(ApiView):
    """What a watch would take."""

    @extend_schema(request=CostRequestSerializer, responses=CostSerializer)
    def post(self, request: Request) -> Response:
        """What a schedule takes of a month, before it is kept; nothing is changed."""
        told = self.read(CostRequestSerializer)
        now = timezone.now()
        schedule = Schedule(now, told["every_minutes"], told["cron"])
        price = queries.cost(request.user, schedule, len(set(told["platforms"])), now)
        self.meta["usage"] = as_meta(price.usage)
        return Response(CostSerializer(price).data)


class BacktestView(ApiView):
    """What a rule would have done."""

    @extend_schema(request=BacktestRequestSerializer, responses=BacktestSerializer)
    def post(self, request: Request) -> Response:
        """Try a rule on the looks that were kept, before it is switched on; nothing is changed."""
        told = self.read(BacktestRequestSerializer)
        tried = backtest(request.user, _search(request.user, told), [rule_of(told["rule"])], told["days"])
        return Response(BacktestSerializer(of_backtest(tried[0])).data)


def _search(user: Any, told: dict[str, Any]) -> Search:
    if "watch_id" in told:
        return search_of_watch(Watch.objects.fetch(user, told["watch_id"]))
    return Search(clean_keywords(told["keywords"]), tuple(Platform(name) for name in told["platforms"]))


def search_of_watch(watch: Watch) -> Search:
    """The posts of a watch."""
    return Search(tuple(watch.keywords), tuple(Platform(name) for name in watch.platforms), watch)
