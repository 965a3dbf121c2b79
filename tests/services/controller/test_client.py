"""The published client in its cloud mode, unmodified, before controller and cell."""

import pytest

from tests.services.client import Client, MarqoWebError, codes_of
from tests.services.controller.conftest import KEY, Control

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:marqo")


@pytest.fixture
def client(control: Control, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setenv("MARQO_CLOUD_URL", control.controller.url)
    return Client(url=control.controller.url, api_key=KEY["x-api-key"])


def test_a_whole_life_of_an_index_without_a_pause(client: Client, control: Control, name: str) -> None:
    made = client.create_index(name, model="hf/e5-small-v2", number_of_replicas=1, storage_class="marqo.balanced")
    assert made["acknowledged"] is True
    index = client.index(name)
    assert index.get_settings()["model"] == "hf/e5-small-v2"
    added = index.add_documents([{"_id": "1", "title": "a brass lamp"}], tensor_fields=["title"])
    assert added["errors"] is False
    assert control.cell.ask("GET", f"/indexes/{name}/documents/1").json()["title"] == "a brass lamp"
    assert index.search("lamp of brass")["hits"][0]["_id"] == "1"
    assert index.get_stats()["numberOfDocuments"] == 1
    assert {"indexName": name} in client.get_indexes()["results"]
    assert client.delete_index(name)["acknowledged"] is True
    assert name not in control.in_cell


def test_it_reads_why_it_was_refused(client: Client, name: str) -> None:
    client.create_index(name)
    with pytest.raises(MarqoWebError) as refused:
        client.create_index(name)
    assert codes_of(refused.value) == (409, "index_already_exists", "invalid_request")


def test_a_wrong_key_is_told_as_that(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARQO_CLOUD_URL", control.controller.url)
    with pytest.raises(MarqoWebError) as refused:
        Client(url=control.controller.url, api_key="wrong").create_index("books")
    assert codes_of(refused.value) == (401, "unauthorized", "invalid_request")
