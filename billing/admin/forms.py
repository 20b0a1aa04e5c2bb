"""Forms staff fill in."""

import re
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from accounts.models import User
from accounts.reasons import LONGEST
from billing.models import Plan, TopUpPack
from billing.services.topups import MOST
from kapture.core.choices import UsageKind
from kapture.core.errors import DomainError
from kapture.core.ids import new_id

GIB = 1 << 30
FLAG = re.compile(r"[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*")
MOST_FLAGS = 30
ALIKE = "Stripe charges what its own price says; keep the two alike."


class FlagsField(forms.CharField):
    """Names of features, one a line, such as early_access."""

    widget = UnfoldAdminTextareaWidget({"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(str(flag) for flag in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The names in order, each once."""
        lines = (" ".join(line.split()).lower() for line in str(value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def validate(self, value: Any) -> None:
        """Refuse what is no plain name."""
        wrong = [flag for flag in value if not FLAG.fullmatch(flag) or len(flag) > 40]
        if wrong:
            raise ValidationError(f"“{wrong[0][:40]}” is no name: small letters, digits and _, one name a line.")
        if len(value) > MOST_FLAGS:
            raise ValidationError(f"At most {MOST_FLAGS} features.")

    def run_validators(self, value: Any) -> None:
        """Nothing more: each line was looked at."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the names differ."""
        return bool(list(initial or []) != self.to_python(data))


class PlanForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """A plan; storage in GiB and features by name."""

    storage = forms.DecimalField(
        min_value=0, max_value=1_000_000, max_digits=12, decimal_places=3, widget=UnfoldAdminDecimalFieldWidget(),
        label="Storage (GiB)", help_text="Media kept at most.",
    )  # fmt: skip
    flags = FlagsField(required=False, label="Features", help_text="One name a line, such as early_access.")

    class Meta:
        model = Plan
        fields = (
            "name", "slug", "description", "price_cents", "stripe_price_id", "scrapes", "downloads", "ai_generations",
            "concurrent_downloads", "requests_per_minute", "retention_days", "flags", "is_public", "position",
        )  # fmt: skip
        help_texts: ClassVar = {
            "price_cents": f"A month, in US cents. {ALIKE}",
            "stripe_price_id": f"Stripe's monthly price; without one the plan cannot be bought. {ALIKE}",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stored = (Decimal(self.instance.storage_bytes) / GIB).quantize(Decimal("0.001")).normalize()
        # Without an exponent: people read 50 and not 5E+1.
        self.initial["storage"] = Decimal(f"{stored:f}")

    def save(self, commit: bool = True) -> Any:
        """With the storage in bytes."""
        if "storage" in self.changed_data:
            self.instance.storage_bytes = int(self.cleaned_data["storage"] * GIB)
        return super().save(commit)

    def changes(self) -> dict[str, Any]:
        """What was changed, as it is now, for the record."""
        now = {**self.cleaned_data, "storage": str(self.cleaned_data["storage"])}
        return {name: now[name] for name in self.changed_data}


class PackForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the type checker only
    """A pack, with a word about its two prices."""

    class Meta:
        model = TopUpPack
        fields = ("name", "kind", "units", "price_cents", "stripe_price_id", "is_public", "position")
        help_texts: ClassVar = {
            "price_cents": f"Once, in US cents. {ALIKE}",
            "stripe_price_id": f"Stripe's price of one payment; without one the pack cannot be bought. {ALIKE}",
        }


class ForPerson(forms.Form):
    """Something done for one person, for a reason."""

    person = forms.EmailField(widget=UnfoldAdminEmailInputWidget(), label="E-mail address of the person")
    reason = forms.CharField(
        max_length=LONGEST, widget=UnfoldAdminTextareaWidget({"rows": 3}), help_text="The person reads it."
    )

    def clean_person(self) -> User:
        """The person with the address."""
        person = User.objects.filter(email=self.cleaned_data["person"].lower()).first()
        if person is None:
            raise ValidationError("Nobody has this address.")
        return person


class GrantPlanForm(ForPerson):
    """Which plan to grant."""

    plan = forms.ModelChoiceField(Plan.objects.all(), widget=UnfoldAdminSelectWidget())
    field_order = ("person", "plan", "reason")


class TakeBackForm(ForPerson):
    """Whose grant to end."""


class GrantUnitsForm(ForPerson):
    """How many units of what; the hidden number makes that sending it twice gives them once."""

    kind = forms.ChoiceField(choices=UsageKind.choices, widget=UnfoldAdminSelectWidget())
    units = forms.IntegerField(min_value=1, max_value=MOST, widget=UnfoldAdminIntegerFieldWidget())
    decision = forms.UUIDField(widget=forms.HiddenInput(), initial=new_id)
    field_order = ("person", "kind", "units", "reason", "decision")


def fill_in(
    admin: Any, request: HttpRequest, form_class: type[ForPerson], title: str, text: str, do: Any
) -> HttpResponse:
    """A page with a form about one person (`?user=` names them); sent well, it answers what `do` answers."""
    known = _named(request.GET.get("user", ""))
    form = form_class(request.POST or None, initial={"person": known.email if known else ""})
    if form.is_valid():
        try:
            done: HttpResponse = do(form.cleaned_data)
        except DomainError as error:
            details = error.details if isinstance(error.details, dict) else {}
            fields = {name: texts for name, texts in details.items() if name in form.fields}
            for name, texts in (fields or {None: [error.message]}).items():
                form.add_error(name, texts)
        else:
            return done
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title, "text": text, "form": form}
    return TemplateResponse(request, "admin/form.html", context, status=422 if form.is_bound else 200)


def _named(text: str) -> User | None:
    """Whom an id names; nobody for anything else."""
    try:
        return User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None
