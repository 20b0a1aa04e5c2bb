"""Whose turn it is: due jobs chosen fairly between owners, within the places that each owner has."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from kapture.jobs import kinds
from kapture.jobs.lanes import Lane
from kapture.jobs.models import NOBODY, Job, State
from kapture.jobs.places import Line, Places, queue_of

# Owner and condition are spelt as in the index `job_turns`, NOBODY included.
# Every line (lane, owner, kind) that somebody waits in. Each step of the recursion jumps to the next line in the index,
# so that it costs as much for a line of ten thousand as for a line of one.
_LINES = """
WITH RECURSIVE lines AS (
  (
    SELECT lane, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid) AS owner, kind FROM jobs_job
    WHERE state = 'queued' AND dispatched_at IS NULL AND held_at IS NULL
    ORDER BY lane, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid), kind LIMIT 1
  )
  UNION ALL
  SELECT further.* FROM lines, LATERAL (
    SELECT lane, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid) AS owner, kind FROM jobs_job
    WHERE state = 'queued' AND dispatched_at IS NULL AND held_at IS NULL
      AND (lane, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid), kind)
        > (lines.lane, lines.owner, lines.kind)
    ORDER BY lane, COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid), kind LIMIT 1
  ) AS further
)
SELECT lane, owner, kind FROM lines
"""
# The first due jobs of each line, as many as it has places.
_HEADS = """
SELECT line.lane, line.owner, line.kind, head.id, head.run_after
FROM unnest(%s::smallint[], %s::uuid[], %s::text[], %s::int[]) AS line (lane, owner, kind, places), LATERAL (
  SELECT id, run_after FROM jobs_job
  WHERE state = 'queued' AND dispatched_at IS NULL AND held_at IS NULL AND lane = line.lane
    AND COALESCE(owner_id, '00000000-0000-0000-0000-000000000000'::uuid) = line.owner
    AND kind = line.kind AND run_after <= now()
  ORDER BY run_after, id LIMIT line.places
) AS head
"""


@dataclass(frozen=True, slots=True)
class Head:
    """A due job near the head of its line."""

    line: Line
    pk: UUID
    run_after: datetime


def choose() -> list[tuple[UUID, str]]:
    """The jobs to send now, id and kind, in order; call it where no other dispatcher chooses at the same time.

    Owners take turns, counting what they have under way already. Of one owner's jobs the lane decides, then the time;
    the night lane comes after everybody's other work.
    """
    lines = _lines()
    if not lines:
        return []
    places = _places(lines)
    heads = _heads(lines, places)
    chosen: list[tuple[UUID, str]] = []
    for head in _in_turn(heads, places):
        if places.left(head.line) > 0:
            places.take(head.line)
            chosen.append((head.pk, head.line.kind))
    return chosen


def _lines() -> list[Line]:
    with connection.cursor() as cursor:
        cursor.execute(_LINES)
        return [Line(Lane(lane), owner, kind) for lane, owner, kind in cursor.fetchall()]


def _places(lines: Sequence[Line]) -> Places:
    places = Places()
    running, sent = Q(state=State.RUNNING), Q(state=State.QUEUED, dispatched_at__isnull=False)
    for which, count_it in ((running, places.started), (sent, places.take)):
        rows = Job.objects.filter(which).order_by().values_list("owner_id", "kind")
        for owner, name, count in rows.annotate(count=Count("pk")):
            count_it(Line(Lane.NORMAL, owner or NOBODY, name), count)
    _limit(places, lines)
    return places


def _limit(places: Places, lines: Sequence[Line]) -> None:
    """Learn how many each owner may have; where more owners wait than there is room for, one each will do, and only
    those who have something under way need to be asked about.
    """
    crowds = Counter(queue_of(line.kind) for line in lines)
    for name in {line.kind for line in lines}:
        kind = kinds.find(name)
        if kind is None or kind.limits is None:
            continue
        owners = {line.owner for line in lines if line.kind == name} - {NOBODY}
        places.limits |= {(owner, name): 1 for owner in owners}
        if crowds[kind.queue] > places.room(kind.queue):
            owners = (
                {owner for owner in owners if places.running[owner, name]} if places.room(kind.queue) > 0 else set()
            )
        if owners:
            places.limits |= {(owner, name): limit for owner, limit in kind.limits(owners).items()}


def _heads(lines: Iterable[Line], places: Places) -> list[Head]:
    wanted = [(line, left) for line in lines if (left := places.left(line))]
    if not wanted:
        return []
    columns = (
        [int(line.lane) for line, _ in wanted],
        [line.owner for line, _ in wanted],
        [line.kind for line, _ in wanted],
        [left for _, left in wanted],
    )
    with connection.cursor() as cursor:
        cursor.execute(_HEADS, columns)
        return [
            Head(Line(Lane(lane), owner, kind), pk, run_after) for lane, owner, kind, pk, run_after in cursor.fetchall()
        ]


def _in_turn(heads: Sequence[Head], places: Places) -> list[Head]:
    """Heads in the order in which they are served."""
    turns = Counter(places.by_owner)
    ranked: list[tuple[bool, int, Head]] = []
    for head in sorted(heads, key=lambda head: (head.line.lane, head.run_after, head.pk)):
        mine = (head.line.owner, queue_of(head.line.kind))
        # The machine's own work is no person's: it waits behind nobody.
        turn = 0 if head.line.owner == NOBODY else turns[mine]
        turns[mine] += 1
        ranked.append((head.line.lane == Lane.NIGHT, turn, head))
    ranked.sort(key=lambda one: (one[0], one[1], one[2].run_after, one[2].pk))
    return [head for _, _, head in ranked]
