"""The admin site."""

from django.contrib import admin

from .models import Account, ApiKey, Index

admin.site.site_header = "Marqo Cloud, local"


@admin.register(Account)
class AccountAdmin(admin.ModelAdmin):
    list_display = ("name", "email")
    search_fields = ("name", "email")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    list_display = ("name", "account", "scope", "created_at")
    list_filter = ("account", "scope")


@admin.register(Index)
class IndexAdmin(admin.ModelAdmin):
    """Read only: an index lives in the cell too, and only the API keeps both in step."""

    list_display = ("name", "account", "status", "inference_type", "storage_class", "created_at")
    list_filter = ("account", "inference_type")

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
