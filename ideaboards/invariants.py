"""What must always hold of boards and generations (see docs/invariants.md)."""

from ideaboards.models import Ideaboard
from ideaboards.richtext import kept_text, normalise
from kapture.core.oracle import holds, holds_by

LOOKED_AT = 500

holds(
    "B01 one owner",
    "A board's sources, and what was written for it, belong to the board's owner.",
    """
    SELECT source.id FROM ideaboards_boardsource AS source
    JOIN ideaboards_ideaboard AS board ON board.id = source.board_id
    JOIN trends_trend AS trend ON trend.id = source.trend_id
    WHERE trend.owner_id <> board.owner_id
    UNION ALL
    SELECT generation.id FROM ideaboards_generation AS generation
    JOIN ideaboards_ideaboard AS board ON board.id = generation.board_id
    WHERE generation.owner_id <> board.owner_id
    """,
)
holds(
    "B02 paid as told",
    "A generation that ended has no hold left; a completed one was charged, a failed one was not.",
    """
    SELECT generation.id FROM ideaboards_generation AS generation
    JOIN billing_reservation AS hold ON hold.source_id = generation.id
    WHERE (generation.state = 'completed' AND hold.settled <> 1)
       OR (generation.state = 'failed' AND generation.error_code <> 'lost' AND hold.settled <> 0)
       OR (generation.state NOT IN ('running') AND generation.error_code <> 'lost' AND hold.state = 'held')
    """,
)
holds(
    "B03 history",
    "No version of a board is newer than the board, and each board has one.",
    """
    SELECT version.id FROM ideaboards_boardversion AS version
    JOIN ideaboards_ideaboard AS board ON board.id = version.board_id
    WHERE version.number > board.version
    UNION ALL
    SELECT board.id FROM ideaboards_ideaboard AS board
    WHERE NOT EXISTS (SELECT 1 FROM ideaboards_boardversion AS version WHERE version.board_id = board.id)
    """,
)


def _not_canonical() -> list[str]:
    """The latest boards whose body or text is not what saving would have made of it."""
    boards = Ideaboard.objects.order_by("-edited_at").only("body", "body_text")[:LOOKED_AT]
    return [str(board.pk) for board in boards if _differs(board)]


def _differs(board: Ideaboard) -> bool:
    tree = normalise(board.body)
    return bool(tree != board.body or kept_text(tree) != board.body_text)


holds_by(
    "B04 canonical body", "A board's body is in its canonical form, and its text is that of the body.", _not_canonical
)
