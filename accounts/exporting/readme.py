"""What somebody reads first who opens an export."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.exporting.register import parts

TEXT = """\
Your data at Kapture
====================

Account   {name}
Instance  {site}
Made      {made:%d %B %Y, %H:%M} UTC

data/     Your rows. Each file is in the format JSON Lines: UTF-8, one JSON object a line, one line a row. Times are
          in UTC, and a row has the same id in every file that names it, and in the API.
boards/   Your ideaboards as Markdown.
media/    Your files, as they are stored. media/manifest.jsonl names the size and the SHA-256 of each; one that was
          deleted while the export was made is named as missing.

What is not in here: your password and the secrets of your API keys, of which only fingerprints are kept; answers and
forms that are remembered for a day so that nothing happens twice.

{listing}
"""


def readme(user: Any, counts: Mapping[str, int]) -> str:
    """The text of README.txt."""
    widest = max((len(part.name) for part in parts()), default=0) + len("data/.jsonl")
    lines = [f"{f'data/{part.name}.jsonl':<{widest}}  {counts.get(part.name, 0):>9,}  {part.about}" for part in parts()]
    lines.append(f"{'boards/':<{widest}}  {counts.get('documents', 0):>9,}  Ideaboards as Markdown.")
    lines.append(f"{'media/':<{widest}}  {counts.get('media', 0):>9,}  Files.")
    return TEXT.format(name=user.email, site=settings.SITE_URL, made=timezone.now(), listing="\n".join(lines))
