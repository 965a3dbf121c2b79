"""Routes."""

from django.contrib import admin
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from indexes import accounts, api, health

API = {
    "": api.indexes,
    "/<str:name>": api.index,
    "/<str:name>/status": api.status,
    "/<str:name>/settings": api.settings_of,
    "/<str:name>/stats": api.stats,
}
ACCOUNTS = {
    "whoami": accounts.who_am_i,
    "accounts": accounts.accounts,
    "keys": accounts.keys,
    "keys/<int:number>": accounts.key,
}
urlpatterns = [
    path("admin/", admin.site.urls),
    # they change nothing, or the key is in a header, which no form of another site can set
    path("health", csrf_exempt(health.health)),
    path("openapi.json", csrf_exempt(health.openapi)),
    *(path(f"api/v2/indexes{below}", csrf_exempt(view)) for below, view in API.items()),
    *(path(f"api/v2/{below}", csrf_exempt(view)) for below, view in ACCOUNTS.items()),
]
handler400 = "indexes.errors.bad_request"
handler404 = "indexes.errors.not_found"
handler500 = "indexes.errors.internal"
