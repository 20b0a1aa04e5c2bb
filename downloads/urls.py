"""Page routes of downloads."""

from django.urls import path

from downloads import files, media_views, plan_views, policy_views, queue_views, trash_views, views

app_name = "downloads"
urlpatterns = [
    path("downloads/", views.list_page, name="list"),
    path("downloads/request/", views.request_links, name="request"),
    path("downloads/plan/", plan_views.ask, name="plan"),
    path("downloads/plan/<uuid:pk>/", plan_views.sheet, name="sheet"),
    path("downloads/plan/<uuid:pk>/start/", plan_views.start, name="start-plan"),
    path("downloads/plan/<uuid:pk>/close/", plan_views.close, name="close-plan"),
    path("downloads/policies/", policy_views.policies, name="policies"),
    path("downloads/policies/default/", policy_views.default, name="default-policy"),
    path("downloads/policies/<uuid:pk>/", policy_views.policy, name="policy"),
    path("downloads/policies/<uuid:pk>/delete/", policy_views.delete, name="delete-policy"),
    path("downloads/throughput/", queue_views.throughput, name="throughput"),
    path("downloads/pause/", queue_views.pause_all, name="pause-all"),
    path("downloads/resume/", queue_views.resume_all, name="resume-all"),
    path("downloads/<uuid:pk>/pause/", queue_views.pause, name="pause"),
    path("downloads/<uuid:pk>/resume/", queue_views.resume, name="resume"),
    path("downloads/<uuid:pk>/start/", queue_views.start, name="start"),
    path("downloads/bulk/", views.bulk, name="bulk"),
    path("downloads/retry/", views.retry_all, name="retry-all"),
    path("downloads/<uuid:pk>/", media_views.detail, name="detail"),
    path("downloads/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("downloads/<uuid:pk>/retry/", views.retry, name="retry"),
    path("downloads/<uuid:pk>/delete/", trash_views.delete, name="delete"),
    path("downloads/<uuid:pk>/restore/", trash_views.restore, name="restore"),
    path("downloads/<uuid:pk>/erase/", trash_views.erase, name="erase"),
    path("downloads/trash/", trash_views.trash, name="trash"),
    path("downloads/trash/empty/", trash_views.empty, name="empty-trash"),
    path("downloads/<uuid:pk>/clips/", media_views.clip, name="clip"),
    path("downloads/<uuid:pk>/evidence.json", media_views.evidence_file, name="evidence"),
    path("downloads/<uuid:pk>/captions/<uuid:caption>.<slug:form>", media_views.caption_file, name="captions"),
    path("downloads/<uuid:pk>/media/", files.media, name="media"),
    path("downloads/<uuid:pk>/file/", files.file, name="file"),
    path("downloads/<uuid:pk>/thumbnail/", files.thumbnail, name="thumbnail"),
]
