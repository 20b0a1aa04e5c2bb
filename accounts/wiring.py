"""Where the room enters the registers of the floors below it."""

from accounts.clerk.leaving import LEAVE
from accounts.clerk.webhooks import register_all
from accounts.closing import parts as closing
from accounts.closing.performing import CLOSE
from accounts.exporting import parts as exporting
from accounts.exporting.kind import EXPORT
from accounts.notifications import unread
from kapture.core.health import probes
from kapture.gateways.health import vendor
from kapture.jobs import kinds
from kapture.web import shell

probes["clerk"] = vendor("clerk", "CLERK_SECRET_KEY")
kinds.register(LEAVE)
kinds.register(CLOSE)
kinds.register(EXPORT)
register_all()
closing.register_all()
exporting.register_all()
shell.register("unread", lambda request: unread(request.user))
