"""What is searched for."""

from dataclasses import dataclass, field
from typing import Any

from hippodrome.services.common.errors import ApiError
from hippodrome.services.fake_cell.cutoff import Cutoff
from hippodrome.services.fake_cell.facets import Facets
from hippodrome.services.fake_cell.filters import Node
from hippodrome.services.fake_cell.ranking import Collapse, Modifiers, SortBy
from hippodrome.services.fake_cell.recency import Recency
from hippodrome.services.fake_cell.vectors import Context, Wanted, Words

LIMIT_MAX, OFFSET_MAX, WINDOW_MAX = 1000, 10_000, 10_000
Names = tuple[str, ...]


@dataclass(frozen=True)
class Hybrid:
    """How the two kinds of search are brought together; the server's own defaults."""

    retrieval: str = "disjunction"
    ranking: str = "rrf"
    alpha: float = 0.5
    rrf_k: int = 60
    searched_by_words: Names | None = None
    searched_by_meaning: Names | None = None
    by_words: Modifiers = field(default_factory=Modifiers)
    by_meaning: Modifiers = field(default_factory=Modifiers)
    depth_by_words: int | None = None
    depth_by_meaning: int | None = None
    needs_all: bool = False  # whether each of the words must be there


@dataclass(frozen=True)
class Query:
    """`q` as it was sent; `wanted` is what its vector is made of, `words` its text for a search by words."""

    q: Any
    wanted: Wanted
    words: str | None
    method: str = "TENSOR"
    limit: int = 10
    offset: int = 0
    searched: Names | None = None
    retrieved: Names | None = None
    has_highlights: bool = True
    filter: Node | None = None
    hybrid: Hybrid = field(default_factory=Hybrid)
    modifiers: Modifiers = field(default_factory=Modifiers)
    depth: int | None = None
    sort: SortBy | None = None
    collapse: Collapse | None = None
    cutoff: Cutoff | None = None
    facets: Facets | None = None
    has_total: bool = False
    language: str | None = None  # of its words
    recency: Recency | None = None

    def __post_init__(self) -> None:
        """Raises ApiError for a page that cannot be asked for."""
        if self.limit <= 0:
            raise _count(f"result_count must be an integer greater than 0! Received {self.limit}")
        if self.offset < 0:
            raise _count("search result offset cannot be less than 0!")
        asked = f"Marqo received search result limit of `{self.limit}`"
        if self.limit + self.offset > WINDOW_MAX:
            most = f"MARQO_MAX_RETRIEVABLE_DOCS limit of [{WINDOW_MAX}]. "
            what = f"The search result limit + offset must be less than or equal to the {most}"
            raise _count(f"{what} {asked} and offset of `{self.offset}`.")
        if self.limit > LIMIT_MAX:
            most = f"MARQO_MAX_SEARCH_LIMIT limit of [{LIMIT_MAX}]."
            raise _count(f"The search result limit must be less than or equal to the {most} {asked}.")

    @property
    def has_meaning(self) -> bool:
        """Whether anything is searched for by meaning, so that it has a vector."""
        ways = {self.hybrid.retrieval, self.hybrid.ranking} if self.method == "HYBRID" else {self.method.lower()}
        return ways != {"lexical"} and (self.wanted.q is not None or self.wanted.context != Context())

    @property
    def excluded(self) -> frozenset[str]:
        """Documents that are its context and shall not be found."""
        documents = self.wanted.context.documents
        return frozenset(documents.ids) if documents and documents.excludes else frozenset()


def words_of(q: Words) -> str | None:
    """The text of a query for a search by words; None when it has none."""
    return q if isinstance(q, str) else None if q is None or not hasattr(q, "content") else q.content or None


def _count(message: str) -> ApiError:
    return ApiError(400, "illegal_requested_doc_count", message)
