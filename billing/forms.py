"""Forms of the plans page."""

from django import forms


class BuyForm(forms.Form):
    """What a button of the plans page wants to buy: one plan or one pack."""

    plan = forms.UUIDField(required=False)
    pack = forms.UUIDField(required=False)
