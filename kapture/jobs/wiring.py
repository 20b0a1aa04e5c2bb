"""What jobs show in the shell of every page."""

from kapture.core.health import probes
from kapture.jobs.queries import count_active, count_by_room, worker_health
from kapture.web import shell

shell.register("active_jobs", count_active)
shell.register("counts", count_by_room)
probes["worker"] = worker_health
