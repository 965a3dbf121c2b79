"""The made-up catalogue: believable, repeatable, and drawn without the network."""

import re
import subprocess
import sys
from urllib.parse import unquote
from xml.etree import ElementTree

from hippodrome.shop.pictures import SHAPES
from hippodrome.shop.products import KINDS, documents


def test_the_same_seed_gives_the_same_catalogue_in_another_process() -> None:
    code = "import json; from hippodrome.shop.products import documents; print(json.dumps(list(documents(20, 7))))"
    there = [subprocess.check_output([sys.executable, "-c", code]) for _ in range(2)]
    assert there[0] == there[1]
    assert list(documents(20, 7)) != list(documents(20, 8))


def test_a_larger_catalogue_begins_with_the_smaller_one() -> None:
    small = list(documents(10))
    assert list(documents(50))[: len(small)] == small


def test_every_variant_can_be_told_from_every_other() -> None:
    made = list(documents(500))
    assert len({each["_id"] for each in made}) == len(made)
    assert len({each["parentProductId"] for each in made}) == 500
    looks = [(each["parentProductId"], each["color"]) for each in made]
    assert len(set(looks)) == len(looks)


def test_products_have_what_a_shop_shows() -> None:
    made = list(documents(500))
    for each in made:
        assert re.fullmatch(r"p\d{5}-v\d", each["_id"])
        assert each["price"] > 0
        assert each["productTitle"] and each["description"] and each["variantTitle"]
        assert each["productCollections"]
    assert any(len([each for each in made if each["parentProductId"] == name]) > 1 for name in ("p00001", "p00002"))
    assert {"sale", "winter", "summer", "home"} <= {name for each in made for name in each["productCollections"]}


def test_every_kind_has_a_picture_that_is_an_image_of_its_own() -> None:
    assert {kind.shape for kind in KINDS} == set(SHAPES)
    for each in documents(100):
        uri = each["variantImageUrl"]
        assert uri.startswith("data:image/svg+xml,")
        assert "#" not in uri
        root = ElementTree.fromstring(unquote(uri.removeprefix("data:image/svg+xml,")))
        assert root.tag.endswith("svg")
        assert len(uri) < 1000
