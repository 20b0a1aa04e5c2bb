"""How background work is leased, dispatched and run."""

from datetime import timedelta

from kapture.schedule import BEAT
from kapture.settings.data import REDIS_PREFIX, REDIS_URL
from kapture.settings.env import env

JOB_LEASE = timedelta(seconds=env.float("JOB_LEASE_SECONDS", default=60.0))
JOB_HEARTBEAT = JOB_LEASE / 4
JOB_DISPATCH_EVERY = timedelta(seconds=env.float("JOB_DISPATCH_SECONDS", default=1.0))
JOB_RETRY_BASE = timedelta(seconds=env.float("JOB_RETRY_SECONDS", default=5.0))

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 7200,
    "global_keyprefix": f"{REDIS_PREFIX}:celery:",
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
CELERY_TASK_ACKS_LATE = True
# The lease finds a lost worker; letting Celery redeliver as well would loop on a poison job.
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 3300
CELERY_TASK_TIME_LIMIT = 3600
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5.0
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT
