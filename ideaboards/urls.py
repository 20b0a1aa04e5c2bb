"""Page routes of this room."""

from django.urls import path

from ideaboards.views import boards, drafts, editor

app_name = "ideaboards"
urlpatterns = [
    path("ideaboards/", boards.board_list, name="list"),
    path("ideaboards/create/", boards.create, name="create"),
    path("ideaboards/draft/", drafts.draft, name="draft"),
    path("ideaboards/draft/<uuid:pk>/", drafts.drafting, name="drafting"),
    path("ideaboards/<uuid:pk>/", editor.detail, name="detail"),
    path("ideaboards/<uuid:pk>/save/", boards.save, name="save"),
    path("ideaboards/<uuid:pk>/tag/", boards.tag, name="tag"),
    path("ideaboards/<uuid:pk>/state/", boards.state, name="state"),
    path("ideaboards/<uuid:pk>/delete/", boards.delete, name="delete"),
    path("ideaboards/<uuid:pk>/generate/", editor.generate, name="generate"),
    path("ideaboards/<uuid:pk>/ideas/<uuid:generation>/", editor.idea, name="idea"),
    path("ideaboards/<uuid:pk>/ideas/<uuid:generation>/insert/", editor.insert, name="insert"),
    path("ideaboards/<uuid:pk>/history/<int:number>/", editor.version, name="version"),
    path("ideaboards/<uuid:pk>/history/<int:number>/restore/", boards.restore, name="restore"),
]
