"""Fields are drawn with label, hint and error tied to the control; keywords become a list."""

import pytest
from django import forms

from kapture.web.forms import Switch, TagsField


class Sample(forms.Form):
    """One field of each sort that is drawn specially."""

    words = TagsField(max_count=3, max_chars=10)
    title = forms.CharField(max_length=20, help_text="Short.")
    tell = forms.BooleanField(required=False, widget=Switch)


def test_an_error_is_tied_to_its_field():
    html = str(Sample({"words": "a", "title": ""})["title"].as_field_group())
    assert 'aria-invalid="true"' in html
    assert 'id="id_title_error"' in html
    assert "id_title_error" in html.split("aria-describedby=")[1].split(">")[0]
    assert "id_title_helptext" in html.split("aria-describedby=")[1].split(">")[0]


def test_what_was_typed_comes_back_as_text():
    html = str(Sample({"words": '"><script>', "title": "<b>"}))
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_summary_precedes_a_form_with_errors():
    assert 'role="alert"' in str(Sample({}))
    assert 'role="alert"' not in str(Sample())


@pytest.mark.parametrize(
    ("text", "words"),
    [("a, b", ["a", "b"]), (" one   two ,, One Two ,b", ["one two", "b"]), ("ä,Ä", ["ä"]), (["a", "b"], ["a", "b"])],
)
def test_keywords_are_trimmed_and_different(text, words):
    assert TagsField(max_count=3).clean(text) == words


@pytest.mark.parametrize("text", ["", " , ", "a,b,c,d", "elevenchars", "a\x00b"])
def test_keywords_that_cannot_be_used_are_refused(text):
    with pytest.raises(forms.ValidationError):
        TagsField(max_count=3, max_chars=10).clean(text)


def test_keywords_are_shown_with_commas():
    assert 'value="a, b"' in str(Sample(initial={"words": ["a", "b"]})["words"])
