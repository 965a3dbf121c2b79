"""The one app: accounts, keys and indexes."""

from django.apps import AppConfig


class IndexesConfig(AppConfig):
    name = "indexes"
    verbose_name = "Marqo Cloud"
