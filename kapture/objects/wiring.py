"""Where stored files meet the ground floor: how the store stands."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages

from kapture.core.health import DOWN, OK, SANDBOX, probes
from kapture.gateways.health import key_free

_remote = key_free("storage", lambda: True)


def store_health() -> tuple[str, str]:
    """Whether the folder can be written; of a store elsewhere, what the last calls learnt. Nobody is called."""
    store = storages["default"]
    if not isinstance(store, FileSystemStorage):
        status, detail = _remote()
        return status, "A stand-in of R2." if status == SANDBOX else detail or "remote"
    folder = Path(store.location)
    folder.mkdir(parents=True, exist_ok=True)
    return (OK, "local") if os.access(folder, os.W_OK) else (DOWN, "The media folder cannot be written.")


probes["storage"] = store_health
