"""A bucket that speaks S3 as a store, such as Cloudflare R2; loaded only where one is configured."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError
from storages.backends.s3 import S3Storage

from kapture.core.errors import Unavailable, VendorFailed
from kapture.gateways.storage.entry import PIECE, ROOT, SERVICE, Entry, missing
from kapture.gateways.storage.etags import proves
from kapture.gateways.storage.faults import asked, translated

MIB = 1 << 20
PART = 16 * MIB
CLIENT = Config(
    signature_version="s3v4",
    s3={"addressing_style": "path"},
    # R2 knows only some of the checksums that newer clients send unasked.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=3,
    read_timeout=15,
    retries={"max_attempts": 3, "mode": "standard"},
)
# Parts are read from the file as they are sent, so memory stays flat whatever the size.
TRANSFER = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=4)
# A transfer of the largest file ends long before.
HALF_AFTER = timedelta(hours=6)
# After these the store cannot have got the file.
NEVER_REACHED = (EndpointConnectionError, ConnectTimeoutError, Unavailable)


class RemoteStorage(S3Storage):  # type: ignore[misc]
    """Django's view of the bucket, and the door in front of it. Its files are reached by links signed for a while."""

    is_remote = True

    def get_default_settings(self) -> dict[str, Any]:
        """The options of django-storages with the client this product was tried with."""
        fixed = {"client_config": CLIENT, "transfer_config": TRANSFER, "file_overwrite": False, "default_acl": None}
        return {**super().get_default_settings(), **fixed, "querystring_auth": True, "max_memory_size": 5 * MIB}

    @property
    def client(self) -> Any:
        """The client of this thread."""
        return self.connection.meta.client

    def put(
        self, key: str, path: Path, *, content_type: str, sha256: str, told: Callable[[int], None] | None = None
    ) -> int:
        """Send a file, in parts when it is large. Its size is proven, and its content where the store tells an MD5.

        Sent twice it is kept once, since the key is the same; so an answer that got lost on the way does no harm.
        Raises `store_down`, `store_refused`, `no_space`, `store_mismatch`.
        """
        extra = {"ContentType": content_type, "Metadata": {"sha256": sha256}}
        lost: VendorFailed | None = None
        try:
            asked(lambda: self.client.upload_file(str(path), self.bucket_name, key, ExtraArgs=extra, Callback=told))
        except VendorFailed as error:
            if error.reason != "store_down" or isinstance(error.__cause__, NEVER_REACHED):
                raise
            lost = error
        try:
            found = self._head(key)
        except VendorFailed as error:
            raise lost or error from error
        if found is None:
            raise lost or VendorFailed(SERVICE, "store_mismatch", "The store lost the file.", retryable=True)
        if not proves(found["ETag"], path, PART):
            raise lost or VendorFailed(SERVICE, "store_mismatch", "The store holds other bytes.", retryable=True)
        return int(found["ContentLength"])

    def _head(self, key: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = asked(
            lambda: self.client.head_object(Bucket=self.bucket_name, Key=key), missing=True
        )
        return found

    def size_of(self, key: str) -> int | None:
        """Bytes kept under a key, by the store's own word."""
        found = self._head(key)
        return None if found is None else int(found["ContentLength"])

    def pieces(self, key: str) -> Iterator[bytes]:
        """A file as it comes, piece by piece; nothing of it is kept on the way."""
        found = asked(lambda: self.client.get_object(Bucket=self.bucket_name, Key=key), missing=True)
        if found is None:
            raise missing()
        coming = iter(found["Body"].iter_chunks(PIECE))
        while piece := translated(lambda: next(coming, b"")):
            yield piece

    def remove(self, key: str) -> bool:
        """Delete a key and ask whether it is gone."""
        asked(lambda: self.client.delete_object(Bucket=self.bucket_name, Key=key), missing=True)
        return self._head(key) is None

    def entries(self, after: str, limit: int) -> list[Entry]:
        """One page of the listing."""
        page = asked(
            lambda: self.client.list_objects_v2(
                Bucket=self.bucket_name, Prefix=ROOT, StartAfter=after, MaxKeys=min(limit, 1_000)
            )
        )
        return [Entry(one["Key"], one["Size"], one["LastModified"]) for one in page.get("Contents", ())]

    def forget_halves(self, limit: int) -> int:
        """Abort uploads in parts that were begun six hours ago or earlier; a worker that died leaves them."""
        page = asked(
            lambda: self.client.list_multipart_uploads(Bucket=self.bucket_name, Prefix=ROOT, MaxUploads=limit),
            missing=True,
        )
        old = [one for one in (page or {}).get("Uploads", ()) if one["Initiated"] < datetime.now(UTC) - HALF_AFTER]
        for one in old:
            self._abort(one["Key"], one["UploadId"])
        return len(old)

    def _abort(self, key: str, upload_id: str) -> None:
        asked(
            lambda: self.client.abort_multipart_upload(Bucket=self.bucket_name, Key=key, UploadId=upload_id),
            missing=True,
        )

    def signed(self, key: str, *, content_type: str, disposition: str, seconds: int) -> str | None:
        """A link whose key, type, disposition and end are all signed, so that none of them can be changed."""
        parameters = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        return str(self.url(key, parameters=parameters, expire=seconds))
