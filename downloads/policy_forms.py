"""The form of a policy: one layer of how media are wanted."""

from typing import Any

from django import forms

from downloads.forms import WISHES, reasons
from downloads.models import Policy
from downloads.policies import wish_of
from downloads.policy_services import PolicySpec
from downloads.specs import Wish
from kapture.core.errors import InvalidInput
from kapture.jobs.lanes import Lane

LEAVE = ("", "Leave it to the layer below")
SUBTITLES = (LEAVE, ("yes", "Yes, where the site has them"), ("no", "No"))
LANES = (
    LEAVE,
    (str(Lane.NORMAL.value), "In turn"),
    (str(Lane.NIGHT.value), "At night, from 01:00 to 06:00 UTC"),
)


class PolicyForm(forms.Form):
    """A host, and what holds for it; `of_default` leaves the host out, as the account's own layer has none."""

    host = forms.CharField(
        label="For links of",
        max_length=300,
        help_text="youtube, tiktok, reddit, x, or a host such as vimeo.com, with its subdomains.",
        widget=forms.TextInput({"placeholder": "vimeo.com", "autocomplete": "off", "spellcheck": "false"}),
    )
    wish = forms.ChoiceField(label="Format", choices=(LEAVE, *WISHES), required=False)
    subtitles = forms.ChoiceField(label="Captions", choices=SUBTITLES, required=False)
    lane = forms.ChoiceField(label="When", choices=LANES, required=False)

    def __init__(self, data: Any = None, *, policy: Policy | None = None, of_default: bool = False) -> None:
        super().__init__(data, initial=_initial(policy) if policy else {})
        if of_default:
            del self.fields["host"]
            for name in self.fields:
                field: Any = self.fields[name]
                field.choices = [("", "As Kapture does"), *field.choices[1:]]
        known = dict(WISHES)
        if policy and policy.kind and (key := wish_of(policy).key) not in known:
            wish: Any = self.fields["wish"]
            wish.choices = [*wish.choices, (key, f"{policy.get_kind_display()} {policy.convert_to}".strip())]
        self.spec: PolicySpec | None = None

    def clean(self) -> dict[str, Any]:
        """The policy as a whole; what only the whole shows is an error of its field."""
        values: dict[str, Any] = super().clean() or {}
        if self.errors:
            return values
        try:
            self.spec = PolicySpec(
                host=values.get("host", ""),
                wish=Wish.of(values["wish"]) if values["wish"] else None,
                subtitles={"yes": True, "no": False}.get(values["subtitles"]),
                lane=Lane(int(values["lane"])) if values["lane"] else None,
            )
        except InvalidInput as refusal:
            named = "host" if "host" in (refusal.details or {}) and "host" in self.fields else None
            self.add_error(named, reasons(refusal)[0])
        return values


def _initial(policy: Policy) -> dict[str, str]:
    return {
        "host": policy.host,
        "wish": wish_of(policy).key if policy.kind else "",
        "subtitles": {True: "yes", False: "no"}.get(policy.subtitles, "") if policy.subtitles is not None else "",
        "lane": "" if policy.lane is None else str(policy.lane),
    }
