"""Invented companies that supply a grocer."""

from datetime import datetime
from typing import Any, NamedTuple

from stdnum.cn.uscc import calc_check_digit

SOURCE = "demo"


class Supplier(NamedTuple):
    """`place` is the six digits of where it is registered in China, `parent` a row's number."""

    name: str
    legal_name: str
    site: str
    industry: str
    size_band: str
    tag: str
    place: str | None = None
    parent: int | None = None


SUPPLIERS = (
    Supplier("云岭丰禾", "云岭丰禾食品集团有限公司", "yunling", "food", "1000+", "group", "530102"),
    Supplier(
        "丰禾乳业", "云岭丰禾乳业有限公司", "milk", "dairy", "250-999", "chilled", "530102", 1
    ),
    Supplier("丰禾粮油", "云岭丰禾粮油有限公司", "grain", "grain", "50-249", "dry", "530103", 1),
    Supplier(
        "北岸冷链", "北岸冷链物流有限公司", "beian", "logistics", "250-999", "group", "210202"
    ),
    Supplier("北岸华南", "北岸冷链华南有限公司", "huanan", "logistics", "50-249", "", "440103", 4),
    Supplier("海月水产", "海月水产有限公司", "haiyue", "seafood", "50-249", "frozen", "330902"),
    Supplier("青穗蔬菜", "青穗蔬菜配送有限公司", "qingsui", "produce", "10-49", "fresh", "370782"),
    Supplier("长桥包装", "长桥包装科技有限公司", "changqiao", "packaging", "10-49", "", "330108"),
    Supplier("Harbor & Vale", "Harbor & Vale Foods, Inc.", "harborvale", "food", "1000+", "group"),
    Supplier("H&V Dairy", "Harbor & Vale Dairy LLC", "hv", "dairy", "50-249", "chilled", parent=9),
    Supplier("Maple Ridge", "Maple Ridge Bakeries, Inc.", "maple", "bakery", "50-249", "fresh"),
    Supplier("Bluebird", "Bluebird Household Goods, Inc.", "bluebird", "household", "10-49", "dry"),
)


def supplier(number: int, row: Supplier, since: datetime) -> dict[str, Any]:
    """The body that creates this row's organization, and the `parent` that it names."""
    domain = f"{row.site}.example.com"
    body = {
        "kind": "organization",
        "name": row.name,
        "legal_name": row.legal_name,
        "industry": row.industry,
        "size_band": row.size_band,
        "website": f"https://{domain}",
        "contact_points": [{"kind": "email", "value": f"sales@{domain}", "label": "sales"}],
        "source": SOURCE,
        "acquired_at": since.isoformat(),
        "external_ids": {"demo": f"org-{number}"},
        "addresses": [{"country": "CN" if row.place else "US"}],
        "tags": [tag for tag in ("supplier", row.tag) if tag],
    }
    if row.place:
        body["uscc"] = _uscc(row.place, number)
    return body | ({"parent": f"org-{row.parent}"} if row.parent else {})


def _uscc(place: str, number: int) -> str:
    """A company's code (91) at a place, with an invented organization code and a true check."""
    code = f"91{place}MADEM{number:04}"
    return code + calc_check_digit(code)
