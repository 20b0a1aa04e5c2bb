"""First requests to copy, for somebody who just made a key."""

import json

SCRAPE = {"platform": "youtube", "keywords": ["kites"]}


def curl(secret: str, site: str, *, is_dry_run: bool) -> str:
    """A command for a shell: who am I, or (for a key that may not change anything) what a scrape would cost."""
    bearer = f'-H "Authorization: Bearer {secret}"'
    if not is_dry_run:
        return f"curl {bearer} {site}/api/auth/user"
    body = json.dumps(SCRAPE)
    return f"curl {bearer} \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}' \\\n  {site}/api/trends/scrape"


def python(secret: str, site: str, *, is_dry_run: bool) -> str:
    """The same for Python, with nothing but its standard library."""
    body = f", {json.dumps(SCRAPE)!r}.encode()" if is_dry_run else ""
    path = "/api/trends/scrape" if is_dry_run else "/api/auth/user"
    kind = '\nrequest.add_header("Content-Type", "application/json")' if is_dry_run else ""
    return (
        "import json, urllib.request\n\n"
        f'request = urllib.request.Request("{site}{path}"{body})\n'
        f'request.add_header("Authorization", "Bearer {secret}"){kind}\n'
        "print(json.load(urllib.request.urlopen(request)))"
    )
