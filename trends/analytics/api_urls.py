"""API routes of analytics."""

from django.urls import path

from trends.analytics import api

urlpatterns = [
    path("trends/summary", api.SummaryView.as_view(), name="trends-summary"),
    path("trends/analytics/hashtags", api.HashtagsView.as_view(), name="trends-hashtags"),
    path("trends/analytics/authors", api.AuthorsView.as_view(), name="trends-authors"),
    path("trends/analytics/lead-lag", api.LeadLagView.as_view(), name="trends-lead-lag"),
]
