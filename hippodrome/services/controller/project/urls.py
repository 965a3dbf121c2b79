"""Routes."""

from django.contrib import admin
from django.urls import path
from indexes import api, health

urlpatterns = [
    path("health", health.health),
    path("openapi.json", health.openapi),
    path("admin/", admin.site.urls),
    path("api/v2/indexes", api.indexes),
    path("api/v2/indexes/<str:name>", api.index),
    path("api/v2/indexes/<str:name>/status", api.status),
    path("api/v2/indexes/<str:name>/settings", api.settings_of),
    path("api/v2/indexes/<str:name>/stats", api.stats),
]
handler404 = "indexes.errors.not_found"
handler500 = "indexes.errors.internal"
