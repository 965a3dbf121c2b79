"""What shoppers' applications send, as the e-commerce API documents it; the worker judges what it means."""

from pydantic import Field

from hippodrome.services.common.api import Body, FreeObject

SUGGESTIONS_MAX = 100


class Shopper(Body):
    """Who asks, so that an alias that leads to several indexes leads this shopper to one."""

    user_id: str | None = None
    session_id: str | None = None

    @property
    def who(self) -> str:
        """Empty for nobody in particular."""
        return self.user_id or self.session_id or ""


class Page(Shopper):
    limit: int | None = None
    offset: int | None = None
    filter: str | None = None
    attributes_to_retrieve: list[str] | None = None


class Search(Page):
    q: str | None = None
    facets: FreeObject | None = None
    sort_by: FreeObject | None = None


class Collection(Page):
    collection_name: str = Field(min_length=1)
    facets: FreeObject | None = None
    sort_by: FreeObject | None = None


class Similar(Page):
    document_ids: list[str] = Field(min_length=1, max_length=100)


class Suggestions(Shopper):
    q: str = ""
    limit: int = Field(default=10, ge=1, le=SUGGESTIONS_MAX)
