"""Static files: bundled style sheets, hashed modules, and fonts cut down from their wheel."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import brotli
import lightningcss
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, InMemoryStorage, Storage
from fontpkg_geist import ROOT as GEIST
from fontTools.subset import Options, Subsetter, load_font, save_font
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

Paths = dict[str, tuple[Storage, str]]
Processed = Iterator[tuple[str, str | None, bool | Exception]]

# The style sheet of every page, and those that only a room's pages name beside it.
ENTRIES = ("css/app.css", "css/boards.css", "css/trends.css", "css/downloads.css")
BROWSERS = ["chrome 123", "edge 123", "firefox 128", "safari 17.5"]
# What the wheels carry beside the files a page names: it would take most of the time of collecting.
UNUSED = (
    "*.map",
    "admin/js/vendor/jquery/jquery.js",
    "admin/js/vendor/select2/select2.full.js",
    "admin/js/vendor/xregexp/xregexp.js",
    "django_htmx/htmax*",
    "django_htmx/htmx-2.js",
    "django_htmx/htmx-4*",
    "drf_spectacular_sidecar/redoc/*",
    "rest_framework/*",
)
LARGE = 1_000_000


class QuickCompressor(Compressor):  # type: ignore[misc]  # the base is untyped
    """Best compression up to a megabyte; beyond it the last step costs seconds and saves a few per cent."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """One file as brotli."""
        packed: bytes = brotli.compress(data, quality=9 if len(data) > LARGE else 11)
        return packed


class BundledStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the base is untyped
    """Hashed and compressed files, with each style sheet of `ENTRIES` and what it imports as one minified file."""

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, hashed_files: dict[str, str], template: str | None = None) -> Any:
        """Rewrite addresses in our own modules and in style sheets; third-party scripts stay as they are.

        The patterns that find imports also match comments inside the scripts of some wheels and would fail there.
        """
        convert = super().url_converter(name, hashed_files, template)
        foreign = name.endswith(".js") and not name.startswith("js/")
        return lambda match: match["matched"] if foreign or "sourceMappingURL" in match["matched"] else convert(match)

    def post_process(self, paths: Paths, dry_run: bool = False, **options: Any) -> Processed:
        """Leave out what nobody asks for, bundle the style sheets, then hash and compress the rest."""
        if not dry_run:
            paths = self._wanted(paths)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _wanted(self, paths: Paths) -> Paths:
        parts = {name for name in paths if name.startswith("css/") and name not in ENTRIES}
        bundles = {name: lightningcss.bundle_css(self.path(name), browsers_list=BROWSERS) for name in ENTRIES}
        dropped = parts | {name for name in paths if any(fnmatch(name, pattern) for pattern in UNUSED)}
        for name in dropped:
            self.delete(name)
        # Overwriting the collected file would be ignored: only the storage named in `paths` is read.
        bundled = InMemoryStorage()
        for name, bundle in bundles.items():
            bundled.save(name, ContentFile(bundle.encode()))
        kept = {name: entry for name, entry in paths.items() if name not in dropped}
        return kept | {name: (bundled, name) for name in ENTRIES}

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """The compressor of the collected files."""
        return QuickCompressor(**kwargs)


class FontFinder(BaseFinder):
    """Finds `fonts/geist.woff2`: Geist with all weights, Latin only, cut once from the wheel's font."""

    NAME = "fonts/geist.woff2"
    # Basic Latin, Latin-1, Latin Extended-A, punctuation, currency, arrows, and the signs the pages use.
    RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2027), (0x2030, 0x203A), (0x20A0, 0x20BF), (0x2190, 0x2199))
    SINGLE = (0x2026, 0x2122, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x2318, 0x21E7, 0x23CE, 0x232B)

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.root = Path(settings.HOME) / "built"
        self.storage = FileSystemStorage(location=self.root)

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Absolute path of the font when that is what is asked for."""
        found = [str(self._build())] if path == self.NAME else []
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """The one file this finder knows."""
        self._build()
        yield self.NAME, self.storage

    def _build(self) -> Path:
        target = self.root / self.NAME
        source = Path(GEIST) / "files" / "Geist[wght].ttf"
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        options = Options(flavor="woff2", layout_features=["kern", "liga", "calt", "tnum", "mark", "mkmk", "ccmp"])
        options.drop_tables = [*options.drop_tables, "meta"]
        font = load_font(str(source), options)
        subsetter = Subsetter(options)
        wanted = {code for first, last in self.RANGES for code in range(first, last + 1)} | set(self.SINGLE)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        # Written beside and renamed: two processes may start at the same moment.
        draft = target.with_suffix(f".{id(font)}.tmp")
        save_font(font, str(draft), options)
        draft.replace(target)
        return target
