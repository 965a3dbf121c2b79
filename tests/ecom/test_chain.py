"""From a write to what a shopper sees."""

import json

import boto3

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


def test_what_anybody_writes_into_a_streamed_table_is_an_event_and_the_path_is_proven(ecom: Core) -> None:
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    dynamodb = boto3.client("dynamodb", endpoint_url=ecom.url("moto"), **keys)
    table = next(name for name in dynamodb.list_tables()["TableNames"] if name.endswith("EcomIndexSettingsTable"))
    item = {"pk": {"S": "by-hand"}, "sk": {"S": "INDEX#x"}, "settings": {"M": {"collapse": {"BOOL": True}}}}
    dynamodb.put_item(TableName=table, Item=item)
    kept = "/__local/kv/settings:by-hand-x"
    assert until(lambda: "collapse" in ecom.ask("global_worker", kept).text, Deadline(SEEN_S))
    dynamodb.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    assert until(lambda: ecom.ask("global_worker", kept).status_code == 404, Deadline(SEEN_S))
    assert until(lambda: json.loads(ecom.hd("ps", "--json").stdout)["events"]["is_proven"], Deadline(SEEN_S))
