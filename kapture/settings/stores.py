"""Where media is kept: the folder of this instance, or a bucket of Cloudflare R2 (or another store that speaks S3)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kapture.settings.env import env

NAMES = ("R2_BUCKET", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY")
REMOTE = "kapture.gateways.storage.remote.RemoteStorage"


def media_store(folder: Path) -> dict[str, Any]:
    """Django's entry of the store for media; half a configuration stops the start with what is missing."""
    account, endpoint = _read("R2_ACCOUNT_ID"), _read("R2_ENDPOINT_URL") or _read("R2_ENDPOINT")
    given = {name: _read(name) for name in NAMES}
    if not any([account, endpoint, *given.values()]):
        location = {"location": folder, "base_url": "/media/"}
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": location}
    missing = [name for name, value in given.items() if not value]
    if not (account or endpoint):
        missing.insert(0, "R2_ACCOUNT_ID or R2_ENDPOINT_URL")
    if missing:
        raise ImproperlyConfigured(f"R2 is configured in part: {', '.join(missing)} must be set as well.")
    endpoint = endpoint or f"https://{account}.r2.cloudflarestorage.com"
    if urlsplit(endpoint).scheme not in ("http", "https") or not urlsplit(endpoint).netloc:
        raise ImproperlyConfigured("R2_ENDPOINT_URL must be the address of the store, such as https://host.")
    # Else the client would look for keys of the machine at an address of its network.
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    options = {
        "bucket_name": given["R2_BUCKET"],
        "endpoint_url": endpoint.rstrip("/"),
        "access_key": given["R2_ACCESS_KEY_ID"],
        "secret_key": given["R2_SECRET_ACCESS_KEY"],
        "region_name": "auto",
    }
    return {"BACKEND": REMOTE, "OPTIONS": options}


def origin_of(store: dict[str, Any]) -> list[str]:
    """The origin from which browsers get media, if it is not this instance's own."""
    address = urlsplit(store["OPTIONS"].get("endpoint_url", ""))
    return [f"{address.scheme}://{address.netloc}"] if address.netloc else []


def _read(name: str) -> str:
    """A setting by its short name, or as some platforms name it, with CLOUDFLARE before it."""
    value: str = env.str(name, default="") or env.str(f"CLOUDFLARE_{name}", default="")
    return value.strip()
