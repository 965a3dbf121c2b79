"""A shop filled, kept, emptied and brought back, by the commands that a person has for it."""

from hippodrome.wait import Deadline, until
from tests.core.conftest import Core
from tests.ecom.conftest import shop_of


def seeded(core: Core, products: int = 20) -> None:
    done = core.hd("seed", "--products", str(products))
    assert done.returncode == 0, done.stdout + done.stderr


def test_seeding_twice_gives_the_same_shop(ecom: Core) -> None:
    seeded(ecom)
    first = shop_of(ecom).search("shop", "", limit=100)["hits"]
    seeded(ecom)
    assert shop_of(ecom).search("shop", "", limit=100)["hits"] == first
    assert len(first) >= 20


def test_a_snapshot_brings_back_documents_settings_and_rules(ecom: Core) -> None:
    seeded(ecom)
    shop = shop_of(ecom)
    rule = {"name": "kept", "type": "hide", "scope": {"kind": "global"}, "filter": "color:red"}
    without = shop.found("shop", "lamp", limit=100)
    shop.admin("POST", "/indexes/shop/rules", json=rule)
    assert until(lambda: shop.found("shop", "lamp", limit=100) != without, Deadline(30)), "the rule never acts"
    before = shop.found("shop", "lamp", limit=100)
    settings = shop.admin("GET", "/indexes/shop/settings")
    saved = ecom.hd("data", "save", "full")
    assert saved.returncode == 0, saved.stdout + saved.stderr
    emptied = ecom.hd("reset", "--yes")
    assert emptied.returncode == 0, emptied.stdout + emptied.stderr
    assert ecom.hd("wait").returncode == 0
    assert shop.admin("GET", "/indexes")["indexes"] == []
    loaded = ecom.hd("data", "load", "full", "--yes")
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert ecom.hd("wait").returncode == 0
    assert until(lambda: shop.found("shop", "lamp", limit=100) == before, Deadline(30))
    assert shop.admin("GET", "/indexes/shop/settings") == settings
    assert [each["name"] for each in shop.admin("GET", "/indexes/shop/rules")["rules"]] == ["kept"]
