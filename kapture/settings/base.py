"""Settings of one instance, read from the environment by topic; `.env.example` lists every name."""

# First, because it takes over the addresses of a running instance before any other topic reads them.
from kapture.settings.site import *

# isort: split
# Django reads its settings from one module: here it finds the names of all topics.
from kapture.settings.api import *
from kapture.settings.apps import *
from kapture.settings.clerk import *
from kapture.settings.data import *
from kapture.settings.logs import *
from kapture.settings.people import *
from kapture.settings.security import *
from kapture.settings.vendors import *
from kapture.settings.work import *
