"""What must be true of every catalogue and every query, tried on a running stack with an index for each example."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis import strategies as st

from hippodrome.hippothesis.catalogues import COLOURS, PRODUCTS_MAX, Catalogue, catalogues, queries
from hippodrome.hippothesis.finding import Finding
from hippodrome.hippothesis.recording import RecordedShop
from hippodrome.shop.client import pages
from hippodrome.wait import Deadline, until

SEEN_S = 5.0  # how long a change of rules or documents may take to be seen in a search
SETTINGS = {"collapse": False}


@dataclass
class Bench:
    """An account of a running stack in which every example has an index of its own."""

    shop: RecordedShop
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def index(self, catalogue: Catalogue) -> Iterator[str]:
        """An index with these products."""
        name = f"p{next(self.numbers)}"
        self.shop.admin("POST", "/indexes", json={"name": name, "settings": SETTINGS})
        try:
            self.shop.add(name, catalogue)
            yield name
        finally:
            self.shop.admin("DELETE", f"/indexes/{name}")

    def rule(self, index: str, **rule: Any) -> None:
        """For every query."""
        whole = {"name": "probe", "scope": {"kind": "global"}, **rule}
        self.shop.admin("POST", f"/indexes/{index}/rules", json=whole)

    def expect(self, is_so: bool, what: str) -> None:
        """Raises AssertionError with what should have been so; it also ends the script."""
        if not is_so:
            self.shop.recorder.note(f"expected: {what}")
            raise AssertionError(what)

    def eventually(self, is_so: Callable[[], bool], what: str) -> None:
        self.expect(bool(until(is_so, Deadline(SEEN_S), pause_s=0.05)), f"{what}, within {SEEN_S:g} s")


Property = Callable[[Bench, st.DataObject], None]


def added_is_found(bench: Bench, data: st.DataObject) -> None:
    """What was added is found."""
    catalogue = data.draw(catalogues())
    with bench.index(catalogue) as index:
        found = bench.shop.found(index, "", limit=PRODUCTS_MAX + 1)
        bench.expect(sorted(found) == [each["_id"] for each in catalogue], f"all products, not {sorted(found)}")
        one = data.draw(st.sampled_from(catalogue))
        first = bench.shop.found(index, one["productTitle"], limit=PRODUCTS_MAX)
        bench.expect(one["_id"] in first, f"`{one['_id']}` is found by its own title, not only {first}")


def filter_holds(bench: Bench, data: st.DataObject) -> None:
    """A filter lets through what matches, and nothing else."""
    catalogue, colour = data.draw(catalogues()), data.draw(st.sampled_from(COLOURS))
    low = data.draw(st.integers(1, 500))
    with bench.index(catalogue) as index:
        asked = f"color:{colour} AND price:[{low} TO *]"
        wanted = [each["_id"] for each in catalogue if each["color"] == colour and each["price"] >= low]
        found = sorted(bench.shop.found(index, "", filter=asked, limit=PRODUCTS_MAX))
        bench.expect(found == wanted, f"{asked} finds {wanted}, not {found}")


def pages_fit(bench: Bench, data: st.DataObject) -> None:
    """Pages have no gap and no repeat."""
    catalogue, query, size = data.draw(catalogues()), data.draw(queries), data.draw(st.integers(1, 5))
    with bench.index(catalogue) as index:
        whole = bench.shop.found(index, query, limit=PRODUCTS_MAX)
        parts = list(itertools.chain.from_iterable(pages(bench.shop, index, query, size=size)))
        bench.expect(parts == whole, f"pages of {size} give {whole}, not {parts}")


def hidden_is_never_seen(bench: Bench, data: st.DataObject) -> None:
    """A hidden product is never seen, whatever is searched for."""
    catalogue, query = data.draw(catalogues()), data.draw(queries)
    hidden = data.draw(st.sampled_from(catalogue))["_id"]
    with bench.index(catalogue) as index:
        bench.rule(index, type="hide", documentIds=[hidden])
        bench.eventually(lambda: hidden not in bench.shop.found(index, query, limit=PRODUCTS_MAX), f"no `{hidden}`")


def pin_stands(bench: Bench, data: st.DataObject) -> None:
    """A pin stands at its place, and nothing is lost for it."""
    catalogue, query = data.draw(catalogues(min_size=2)), data.draw(queries)
    pinned = data.draw(st.sampled_from(catalogue))["_id"]
    with bench.index(catalogue) as index:
        before = bench.shop.found(index, query, limit=PRODUCTS_MAX)
        place = data.draw(st.integers(1, max(1, len({*before, pinned}))))
        bench.rule(index, type="pin", pins=[{"id": pinned, "position": place}])
        others = [each for each in before if each != pinned]
        wanted = [*others[: place - 1], pinned, *others[place - 1 :]]
        bench.eventually(lambda: bench.shop.found(index, query, limit=PRODUCTS_MAX) == wanted, f"{wanted}")


def same_question_same_answer(bench: Bench, data: st.DataObject) -> None:
    """The same query twice gives the same answer."""
    catalogue, query = data.draw(catalogues()), data.draw(queries)
    with bench.index(catalogue) as index:
        answers = [bench.shop.search(index, query, limit=PRODUCTS_MAX)["hits"] for _ in range(2)]
        bench.expect(answers[0] == answers[1], "the same hits with the same scores")


def deleted_is_gone(bench: Bench, data: st.DataObject) -> None:
    """What was deleted is not found any more, and the rest is."""
    catalogue = data.draw(catalogues())
    gone = data.draw(st.lists(st.sampled_from(catalogue).map(lambda each: each["_id"]), unique=True, min_size=1))
    with bench.index(catalogue) as index:
        bench.shop.delete(index, gone)
        rest = [each["_id"] for each in catalogue if each["_id"] not in gone]
        bench.eventually(
            lambda: sorted(bench.shop.found(index, "", limit=PRODUCTS_MAX)) == rest, f"{rest} and nothing else"
        )


PROPERTIES: tuple[Property, ...] = (
    added_is_found,
    filter_holds,
    pages_fit,
    hidden_is_never_seen,
    pin_stands,
    same_question_same_answer,
    deleted_is_gone,
)


def hold(bench: Bench, tried: Property, *, seed: int, examples: int) -> Finding:
    """Tries the property; what fails is shrunk to the smallest catalogue that does, and told as a script."""
    what = (tried.__doc__ or "").split("\n")[0].rstrip(".").lower()

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: st.DataObject) -> None:
        bench.shop.recorder.begin(f"{what} (seed {seed})")
        tried(bench, data)

    try:
        run()
    except Exception as error:
        return Finding("search", what, f"{error}", bench.shop.recorder.script)
    return Finding("search", what)
