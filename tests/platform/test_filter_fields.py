"""What filters may ask about, named in the language of whoever reads it."""

from typing import Any

import pytest
from httpx import AsyncClient

from crm_api.kit.catalogue import catalogues
from crm_api.kit.words import LANGUAGES
from tests.conftest import NewClient

from .test_custom_fields import define

Json = dict[str, Any]
TIER: Json = {
    "labels": {"de": "Stufe", "zh-CN": "会员等级", "en": "Loyalty tier"},
    "description": "As the ERP computes it.",
    "options": [
        {"value": "gold", "labels": {"en": "Gold", "zh-CN": "金卡"}},
        {"value": "silver", "labels": {"en": "Silver"}, "retired": True},
    ],
}
FRENCH: Json = {"labels": {"fr": "Pointure", "ja": "靴のサイズ"}}


@pytest.fixture
async def company(client: AsyncClient) -> AsyncClient:
    """A company that has defined a select, and a field without a label in English or Chinese."""
    await define(client, "tier", "select", **TIER)
    await define(client, "shoe_size", "number", **FRENCH)
    return client


async def told(client: AsyncClient, accept: str | None) -> tuple[dict[str, Json], str]:
    """The fields by their names, and the languages of the answer."""
    headers = [] if accept is None else [(b"Accept-Language", accept.encode())]
    answer = await client.get("/filter-fields?resource=customers", headers=headers)
    assert answer.status_code == 200, answer.text
    assert "Accept-Language" in answer.headers.get_list("Vary", split_commas=True)
    fields = {one["field"]: one for one in answer.json()["fields"]}
    return fields, answer.headers["Content-Language"]


@pytest.mark.parametrize(
    ("accept", "name", "tier", "gold", "size", "languages"),
    [
        (None, "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
        ("en", "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
        ("en-GB, zh;q=0.5", "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
        ("zh", "名称", "会员等级", "金卡", "Pointure", "zh, en, zh-CN, fr"),
        ("zh-CN", "名称", "会员等级", "金卡", "Pointure", "zh, en, zh-CN, fr"),
        ("zh-Hans-CN, fr;q=0.1", "名称", "会员等级", "金卡", "Pointure", "zh, en, zh-CN, fr"),
        ("en;q=0.1, zh-CN;q=0.9", "名称", "会员等级", "金卡", "Pointure", "zh, en, zh-CN, fr"),
        ("de", "Name", "Stufe", "Gold", "Pointure", "en, de, fr"),
        ("ja, de;q=0.5", "Name", "Stufe", "Gold", "靴のサイズ", "en, ja, de"),
        ("ko", "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
        ("*", "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
        ("en;q=0", "名称", "Stufe", "金卡", "Pointure", "zh, fr, de, zh-CN, en"),
        ("\x01;;q=, 中文, ;", "Name", "Loyalty tier", "Gold", "Pointure", "en, fr"),
    ],
)
async def test_labels_are_in_the_language_that_the_caller_likes_best(
    company: AsyncClient,
    accept: str | None,
    name: str,
    tier: str,
    gold: str,
    size: str,
    languages: str,
) -> None:
    fields, spoken = await told(company, accept)
    custom = fields["custom.tier"]
    assert (fields["name"]["label"], custom["label"]) == (name, tier)
    assert custom["choices"][0] == {"value": "gold", "label": gold, "retired": False}
    assert fields["custom.shoe_size"]["label"] == size
    assert sorted(spoken.split(", ")) == sorted(languages.split(", "))


async def test_a_retired_option_is_told_as_such(company: AsyncClient) -> None:
    fields, _ = await told(company, "zh-CN")
    silver = {"value": "silver", "label": "Silver", "retired": True}
    assert fields["custom.tier"]["choices"][1] == silver
    assert fields["custom.tier"]["options"] == ["gold", "silver"]
    assert fields["custom.tier"]["description"] == "As the ERP computes it."
    assert fields["custom.shoe_size"]["description"] is None


async def test_every_built_in_field_is_named_in_every_language(client: AsyncClient) -> None:
    spoken = {language: (await told(client, language))[0] for language in LANGUAGES}
    for name, field in spoken["en"].items():
        for language in LANGUAGES[1:]:
            other = spoken[language][name]
            said = [(field["label"], other["label"]), (field["description"], other["description"])]
            for one, same in zip(field["choices"], other["choices"], strict=True):
                said.append((one["label"], same["label"]))
            for english, foreign in said:
                assert (english is None) is (foreign is None), name
                assert english is None or (english.isascii() or "›" in english), name
                assert english is None or english != foreign, name


async def test_a_select_says_what_it_means_and_what_its_values_are_called(
    client: AsyncClient,
) -> None:
    fields, languages = await told(client, "zh")
    assert languages == "zh"
    selects = [one for one in fields.values() if one["kind"] in ("select", "multi_select")]
    assert [one["field"] for one in selects if one["description"] is None] == []
    for one in fields.values():
        assert [choice["value"] for choice in one["choices"]] == one["options"]
    assert [choice["label"] for choice in fields["kind"]["choices"]] == ["个人", "组织"]


async def test_a_field_of_another_record_is_named_by_the_way_to_it(company: AsyncClient) -> None:
    fields, _ = await told(company, "en")
    assert fields["parent.name"]["label"] == "Parent › Name"
    assert fields["parent.custom.tier"]["label"] == "Parent › Loyalty tier"
    assert fields["external_ids.{system}"]["label"] == "Id in {system}"


async def test_another_company_is_told_nothing_of_it(
    company: AsyncClient, caller: NewClient
) -> None:
    fields, languages = await told(await caller("customers:read"), "de")
    assert languages == "en"
    assert not [name for name in fields if name.startswith("custom.")]


async def test_an_editor_is_told_all_labels(company: AsyncClient) -> None:
    answer = await company.get("/custom-fields", headers={"Accept-Language": "zh"})
    assert "Content-Language" not in answer.headers
    labels = {one["key"]: one["labels"] for one in answer.json()["data"]}
    assert labels == {"tier": TIER["labels"], "shoe_size": FRENCH["labels"]}


def test_every_criterion_has_a_label() -> None:
    found = [(name, one) for name, known in catalogues.items() for one in known.all()]
    assert found
    assert [(name, one.name) for name, one in found if not all(one.labels)] == []
