"""Whether the matrix would notice: with a defect each, the same questions find something wrong."""

import pytest

from crm_api.kit import context
from crm_api.kit.actor import Actor
from crm_api.kit.reach import ByViewers
from tests.hostile.catalogue import OPERATIONS

from .asking import Asking
from .judging import cases


async def wrong(asking: Asking, operation: str, caller: str) -> str:
    found = [case for case in cases(OPERATIONS[operation]) if case.caller == caller]
    return " ".join([said for case in found for said in await case.judge(asking)])


async def test_who_sees_too_much_is_found(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await wrong(asking, "getCustomer", "sales") == ""
    monkeypatch.setattr(ByViewers, "of", lambda *_: None)
    said = await wrong(asking, "getCustomer", "sales")
    assert "sales, path id other_unit: 200 None instead of 404 not-found" in said
    assert "path id: other_unit is told apart from unknown" in said
    assert "told b'plantedwest'" in said


async def test_who_is_told_of_a_hidden_customer_is_found(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await wrong(asking, "getAccessRequest", "sales") == ""
    monkeypatch.setattr(context, "eyes", lambda _: {"eyes_customers_all": True})
    assert "sales, path id for_us: told of" in await wrong(asking, "getAccessRequest", "sales")


async def test_who_may_too_much_is_found(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Actor, "may", lambda *_: True)
    said = await wrong(asking, "listUsers", "nothing")
    assert "nothing, nothing else own: 200 None instead of 403 forbidden" in said
