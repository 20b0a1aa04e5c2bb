"""Analytics on the wire."""

from typing import Final

from rest_framework import serializers

from kapture.api.serializers import CamelSerializer
from kapture.core.choices import Platform
from kapture.gateways.scraping import DateRange
from trends.analytics.leading import Basis
from trends.analytics.rising import AUTHOR_SORTS, HASHTAG_SORTS

NEWEST: Final = "How many posts the figures rest on: the newest 5,000 of the period."
CUT: Final = "Whether there are more posts than were considered; counts are not compared then."


class PeriodQuerySerializer(CamelSerializer):
    """The period of a report, and a platform unless all are meant."""

    date_range = serializers.ChoiceField(choices=DateRange.choices, required=False, default=DateRange.WEEK)
    platform = serializers.ChoiceField(choices=Platform.choices, required=False)


class HashtagQuerySerializer(PeriodQuerySerializer):
    """The period of the hashtags, and their order."""

    sort = serializers.ChoiceField(choices=list(HASHTAG_SORTS), required=False, default="-rise")


class AuthorQuerySerializer(PeriodQuerySerializer):
    """The period of the authors, and their order."""

    sort = serializers.ChoiceField(choices=list(AUTHOR_SORTS), required=False, default="-trends")


class LeadQuerySerializer(CamelSerializer):
    """The period in which topics must be new, and which times are compared."""

    date_range = serializers.ChoiceField(choices=DateRange.choices, required=False, default=DateRange.WEEK)
    by = serializers.ChoiceField(choices=Basis.choices, required=False, default=Basis.PUBLISHED)


class ChangeSerializer(CamelSerializer):
    """Each figure over that of the period before, less one; null where nothing can be compared."""

    trends = serializers.FloatField(allow_null=True)
    reach = serializers.FloatField(allow_null=True)
    median_multiple = serializers.FloatField(allow_null=True, source="multiple")
    median_engagement = serializers.FloatField(allow_null=True, source="engagement")


class FiguresSerializer(CamelSerializer):
    """What a group of posts amounts to."""

    trends = serializers.IntegerField(source="figures.trends")
    reach = serializers.IntegerField(source="figures.reach", help_text="Views, or likes where there are no views.")
    median_multiple = serializers.FloatField(source="figures.multiple", allow_null=True)
    median_engagement = serializers.FloatField(source="figures.engagement", allow_null=True)
    best_trend_id = serializers.UUIDField(source="figures.best", allow_null=True, help_text="The one of highest score.")
    change = ChangeSerializer()
    trends_over_time = serializers.ListField(
        child=serializers.IntegerField(), source="posts", help_text="By hour of a day, else by day; oldest first."
    )
    reach_over_time = serializers.ListField(child=serializers.IntegerField(), source="reach")


class CountedSerializer(FiguresSerializer):
    """One hashtag, author or platform of a summary."""

    name = serializers.CharField()


class AuthoredSerializer(CountedSerializer):
    """One author of a summary; a person on two platforms is two authors."""

    platform = serializers.ChoiceField(choices=Platform.choices)
    key = serializers.CharField(help_text="What the list of trends takes as `author`.")


class ReportSerializer(CamelSerializer):
    """What a report covers."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text="To the last five minutes.")
    considered = serializers.IntegerField(help_text=NEWEST)
    cut = serializers.BooleanField(help_text=CUT)


class SummarySerializer(ReportSerializer):
    """What was captured of a period: all of it, each platform, and the hashtags and authors with most posts."""

    all = FiguresSerializer()
    platforms = CountedSerializer(many=True)
    hashtags = CountedSerializer(many=True)
    authors = AuthoredSerializer(many=True)


class HashtagSerializer(CamelSerializer):
    """A hashtag with at least three posts by two authors in the period."""

    name = serializers.CharField(source="row.name")
    authors = serializers.IntegerField(help_text="How many authors use it.")
    share = serializers.FloatField(help_text="Of all posts of the period.")
    share_before = serializers.FloatField(help_text="Of all posts of the period before.")
    rise = serializers.FloatField(
        source="rise.times", allow_null=True, default=None, help_text="Smoothed share over that of the period before."
    )
    rise_at_least = serializers.FloatField(
        source="rise.at_least", allow_null=True, default=None, help_text="Its lower bound, with 90 % confidence."
    )
    reach_rise = serializers.FloatField(allow_null=True, help_text="The same for its share of reach.")
    figures = FiguresSerializer(source="row")


class HashtagsSerializer(ReportSerializer):
    """The first fifty hashtags of a period, best first."""

    considered_before = serializers.IntegerField()
    comparable = serializers.BooleanField(
        source="is_enough", help_text="Whether the period before had the twenty posts that a comparison needs."
    )
    hashtags = HashtagSerializer(many=True)


class AuthorFiguresSerializer(CamelSerializer):
    """An author of the period."""

    platform = serializers.ChoiceField(choices=Platform.choices, source="row.platform")
    key = serializers.CharField(source="row.key", help_text="What the list of trends takes as `author`.")
    name = serializers.CharField(source="row.name")
    multiple = serializers.FloatField(allow_null=True, help_text="Median multiple of three rated posts or more.")
    figures = FiguresSerializer(source="row")


class AuthorsSerializer(ReportSerializer):
    """The first fifty authors of a period, best first."""

    authors = AuthorFiguresSerializer(many=True)


class ArrivalSerializer(CamelSerializer):
    """The first post of a topic on a platform that reached what half of that platform's posts reach."""

    platform = serializers.ChoiceField(choices=Platform.choices)
    at = serializers.DateTimeField()
    hours_after = serializers.FloatField(source="hours", help_text="After the first platform.")
    trend_id = serializers.UUIDField(source="post")


class TopicSerializer(CamelSerializer):
    """A topic that is new on two platforms or more, the first one first."""

    name = serializers.CharField()
    trends = serializers.IntegerField(source="posts")
    leader = serializers.CharField(allow_blank=True, help_text="Empty when times are too near each other to tell.")
    arrivals = ArrivalSerializer(many=True)


class PairSerializer(CamelSerializer):
    """Two platforms over all topics that both showed."""

    leader = serializers.ChoiceField(choices=Platform.choices, help_text="The one that was first more often.")
    follower = serializers.ChoiceField(choices=Platform.choices)
    topics = serializers.IntegerField()
    led = serializers.IntegerField(help_text="Topics the leader showed first.")
    followed = serializers.IntegerField(help_text="Topics the follower showed first.")
    together = serializers.IntegerField(help_text="Topics in which times are too near each other to tell.")
    median_hours = serializers.FloatField(source="hours", allow_null=True, help_text="Over the topics it led.")
    chance = serializers.FloatField(help_text="How often a fair coin would differ as much (two-sided sign test).")
    enough = serializers.BooleanField(source="is_enough", help_text="Whether five topics or more tell.")


class LeadsSerializer(ReportSerializer):
    """Which platform shows topics first."""

    by = serializers.ChoiceField(choices=Basis.choices)
    shared = serializers.IntegerField(help_text="Topics found; at most fifty are listed.")
    pairs = PairSerializer(many=True)
    topics = TopicSerializer(many=True)
    undated = serializers.IntegerField(help_text="Posts about a topic left out, as their time is not known to the day.")
    older = serializers.IntegerField(help_text="Topics that a platform had before the period; it is left out there.")
