"""Which stored files a download holds; whoever lets go of a download lets go of these."""

from django.db.models import Q

from downloads.models import Caption, Download
from kapture.objects.models import StoredObject


def files_of(download: Download) -> list[StoredObject]:
    """Every stored file of a download, each once: its media, its thumbnail and its captions, in one query."""
    mine = Q(pk__in=[pk for pk in (download.media_id, download.thumbnail_id) if pk])
    captions = Caption.objects.filter(download_id=download.pk, file__isnull=False).values("file_id")
    return list(StoredObject.objects.filter(mine | Q(pk__in=captions)))
