"""Files in the bodies of forms: no form of the product takes one."""

from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class NoFiles(FileUploadHandler):
    """Drop files unread, and refuse a body that is larger than any form; Django's own handlers would fill the disk."""

    def handle_raw_input(
        self, input_data: Any, meta: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Refuse a body beyond the limit of forms without files."""
        if content_length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig("A form with files is larger than any form may be.")

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Pass over a file."""
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep nothing."""

    def file_complete(self, file_size: int) -> None:
        """No file comes of it."""
