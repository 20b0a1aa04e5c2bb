"""Stand-ins of the vendors on loopback, for development and tests; nothing of the product imports them.

`python -m kapture.sandbox --home DIR` starts them; `kapture.sandbox.control.Control` tells a running one to misbehave.
"""
