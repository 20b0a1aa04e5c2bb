"""The rooms whose things the library shows."""

from library.sources.downloads import DOWNLOADS
from library.sources.ideaboards import BOARDS
from library.sources.source import Source
from library.sources.trends import TRENDS

SOURCES: tuple[Source, ...] = (TRENDS, DOWNLOADS, BOARDS)
