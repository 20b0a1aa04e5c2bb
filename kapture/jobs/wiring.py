"""What jobs show in the shell of every page."""

from kapture.jobs.queries import count_active, count_by_room
from kapture.web import shell

shell.register("active_jobs", count_active)
shell.register("counts", count_by_room)
