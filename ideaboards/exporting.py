"""What this room adds to somebody's export."""

from collections.abc import Iterator
from typing import Any

from accounts.exporting.names import name_of
from accounts.exporting.register import Document, register_documents
from accounts.exporting.rows import register_table
from ideaboards import markdown
from ideaboards.models import BoardSource, BoardVersion, Generation, Ideaboard

AT_ONCE = 100


def register_all() -> None:
    """Enter rows and texts into the register of exports."""
    register_table("boards", Ideaboard, "owner", about="Ideaboards; body is a tree of blocks, bodyText its words.")
    register_table("board_sources", BoardSource, "board__owner", about="What boards lean on, by the number cited.")
    register_table("board_versions", BoardVersion, "board__owner", about="What your boards looked like before.")
    register_table("generations", Generation, "owner", about="What you had written, and what supports each line.")
    register_documents(_documents)


def _documents(user: Any) -> Iterator[Document]:
    """Each board as Markdown, with its sources below."""
    boards = Ideaboard.objects.filter(owner=user).order_by("pk").prefetch_related("sources__trend")
    for board in boards.iterator(chunk_size=AT_ONCE):
        yield Document(f"boards/{name_of(board.title, board.pk)}.md", _text(board))


def _text(board: Ideaboard) -> str:
    sources = list(board.sources.all())
    body = markdown.write(board.body, {str(source.key): source.n for source in sources}).strip()
    head = (f"# {board.title}", board.description, " ".join(f"#{tag}" for tag in board.tags))
    lines = [f"{one.n}. {one.title} {one.trend.url if one.trend else ''}".rstrip() for one in sources]
    listed = "## Sources\n\n" + "\n".join(lines) if lines else ""
    return "\n\n".join(filter(None, (*head, body, listed))) + "\n"
