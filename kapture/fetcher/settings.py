"""Settings of the download service: what the engine reads, and nothing of database, broker, pages or people."""

from kapture.settings.env import env, home
from kapture.settings.logs import LOGGING as LOGGING

# The engine's limits and ways out are the same names as on a machine that fetches for itself.
from kapture.settings.vendors import *  # noqa: F403

SCRATCH = home() / "fetcher"
HOST = env.str("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8090)
FETCHER_JOBS = env.int("FETCHER_JOBS", default=4)
FETCHER_FORGET_SECONDS = env.float("FETCHER_FORGET_SECONDS", default=60.0)
