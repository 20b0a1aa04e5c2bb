"""docs/billing.md tells what the code does."""

import re

from billing.entitlements import MEANINGS
from billing.webhooks import KINDS
from kapture.settings.env import BASE_DIR


def test_the_documented_table_is_the_one_that_holds() -> None:
    text = (BASE_DIR / "docs" / "billing.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \| (yes|no) \| (.+) \|$", text, re.MULTILINE)
    assert rows == [
        (status.value, "yes" if meaning.gives_plan else "no", "yes" if meaning.is_over else "no", meaning.told)
        for status, meaning in MEANINGS.items()
    ]
    listed = re.search(r"Choose these events:\n\n(.+?)\n\n", text, re.DOTALL)
    assert listed is not None
    assert tuple(re.findall(r"[a-z_.]+[a-z_]", listed[1])) == KINDS
