"""The only writers of this room."""

from ideaboards.services.boards import add_sources, create_board, delete_board, insert_lines, restore, save_board
from ideaboards.services.drafts import (
    KIND,
    abandon_board_draft,
    perform_board_draft,
    request_board_draft,
    retry_board_draft,
)
from ideaboards.services.generations import begin, generate, stream, sweep

__all__ = [
    "KIND",
    "abandon_board_draft",
    "add_sources",
    "begin",
    "create_board",
    "delete_board",
    "generate",
    "insert_lines",
    "perform_board_draft",
    "request_board_draft",
    "restore",
    "retry_board_draft",
    "save_board",
    "stream",
    "sweep",
]
