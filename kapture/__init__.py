"""The ground floor of Kapture: everything that knows no domain."""

from kapture.celery import app as celery_app

__all__ = ["celery_app"]
