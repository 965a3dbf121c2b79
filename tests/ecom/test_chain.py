"""From a write to what a shopper sees."""

from hippodrome.wait import Deadline, until
from tests.core.conftest import Core
from tests.ecom.conftest import shop_of

SEEN_S = 30.0  # a generous deadline on a busy machine; figures are the benchmarks' business


def test_a_product_a_setting_and_a_rule_are_each_seen_soon(ecom: Core) -> None:
    shop = shop_of(ecom)
    shop.admin("POST", "/indexes", json={"name": "chain"})
    shop.admin("POST", "/indexes/chain/documents", json={"documents": [{"_id": "z", "productTitle": "a zeppelin"}]})
    assert until(lambda: shop.found("chain", "zeppelin") == ["z"], Deadline(SEEN_S))
    shop.admin("PATCH", "/indexes/chain/settings", json={"redirects": [{"query": "balloon", "url": "/balloons"}]})
    assert until(lambda: shop.search("chain", "balloon").get("redirect"), Deadline(SEEN_S))
    hide = {"name": "none", "type": "hide", "scope": {"kind": "global"}, "documentIds": ["z"]}
    shop.admin("POST", "/indexes/chain/rules", json=hide)
    assert until(lambda: shop.found("chain", "zeppelin") == [], Deadline(SEEN_S))
    shop.admin("DELETE", "/indexes/chain")
