"""The door to where files are kept: folders of this machine, or a bucket that speaks S3 (R2)."""

from kapture.gateways.storage.door import Door, Entry, door
from kapture.gateways.storage.local import LocalFiles

__all__ = ["Door", "Entry", "LocalFiles", "door"]
