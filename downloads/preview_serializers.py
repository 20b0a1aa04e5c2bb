"""A look at one link on the wire."""

from typing import Any

from rest_framework import serializers

from downloads.previews import Preview
from downloads.specs import MAX_BULK
from kapture.api.serializers import CamelSerializer
from kapture.gateways.egress import MAX_URL_LENGTH
from kapture.jobs.serializers import JobErrorSerializer


class PreviewRequestSerializer(CamelSerializer):
    """The link to look at, or up to 50 of them, which are looked at in the background."""

    url = serializers.CharField(max_length=2 * MAX_URL_LENGTH, required=False)
    urls = serializers.ListField(
        child=serializers.CharField(max_length=2 * MAX_URL_LENGTH), required=False, min_length=1, max_length=MAX_BULK
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one of the two."""
        if ("url" in attrs) == ("urls" in attrs):
            raise serializers.ValidationError({"url": ["Give either url or urls."]})
        return attrs


class ProblemSerializer(JobErrorSerializer):
    """Why it cannot be downloaded, what helps, and whether waiting does."""

    retryable = serializers.BooleanField()


class PreviewSerializer(CamelSerializer):
    """What a download would be. Size and figures are what the site tells; null when it does not."""

    url = serializers.CharField()
    possible = serializers.BooleanField()
    problem = ProblemSerializer(allow_null=True)
    title = serializers.CharField(allow_blank=True)
    author = serializers.CharField(allow_blank=True)
    extractor = serializers.CharField(allow_blank=True, help_text="What read the page.")
    thumbnail_url = serializers.CharField(allow_blank=True)
    duration = serializers.FloatField(allow_null=True, help_text="Seconds.")
    size = serializers.IntegerField(allow_null=True, help_text="Bytes, at the best quality.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    heights = serializers.ListField(child=serializers.IntegerField())
    duplicate_of = serializers.UUIDField(allow_null=True, help_text="A completed download of the same link.")
    cost = serializers.IntegerField(help_text="Units of the monthly quota.")


def as_answer(seen: Preview) -> dict[str, Any]:
    """The plain values of a preview."""
    about, problem = seen.about, seen.problem
    return {
        "url": seen.url,
        "possible": problem is None,
        "problem": problem
        and {
            "code": problem.reason,
            "message": problem.message,
            "remedy": problem.remedy,
            "retryable": problem.retryable,
        },
        "title": about.title if about else "",
        "author": about.author if about else "",
        "extractor": about.extractor if about else "",
        "thumbnail_url": about.poster_url if about else "",
        "duration": about.duration if about else None,
        "size": about.size if about else None,
        "width": about.width if about else None,
        "height": about.height if about else None,
        "heights": list(about.heights) if about else [],
        "duplicate_of": seen.duplicate.pk if seen.duplicate else None,
        "cost": 1,
    }
