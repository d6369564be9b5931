"""What the grocer sells, as bodies for the API: products in departments and their categories."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .journey import opened, parquet

GOODS = """
    SELECT product_id, department, product_category, product_type, package_size, brand
    FROM read_parquet($products) ORDER BY product_id
"""


@dataclass(frozen=True, slots=True)
class Good:
    """A product, in the words of the file; some are only known to be of a department."""

    id: int
    department: str
    category: str | None
    type: str | None
    size: str | None
    brand: str

    @property
    def place(self) -> str:
        """The code of the category that it stands in."""
        return f"{self.department}/{self.category}" if self.category else self.department


def goods(named: Collection[int] | None = None) -> list[Good]:
    """All 92,331, or those of these numbers; 17 that were bought are not in the file."""
    with opened() as database:
        rows = database.execute(GOODS, {"products": parquet("products")}).fetchall()
    return [Good(*row) for row in rows if named is None or row[0] in named]


def categories(sold: Iterable[Good]) -> list[dict[str, Any]]:
    """Bodies of POST /v1/product-categories, departments first.

    `parent` is not of the API: it names another one's code.
    """
    places = {(good.department, good.category) for good in sold}
    departments = sorted({department for department, _ in places})
    below = sorted((department, name) for department, name in places if name)
    return [
        *({"name": department, "code": department} for department in departments),
        *({"name": n, "code": f"{above}/{n}", "parent": above} for above, n in below),
    ]


def product(good: Good, categories: Mapping[str, str]) -> dict[str, Any]:
    """An item of POST /v1/products/batch-upsert; `categories` are ids by their codes."""
    name = good.type or good.category or good.department
    data = {
        "sku": str(good.id),
        "name": f"{name}, {good.size}" if good.size else name,
        "description": f"{good.brand} brand",
        "category_id": categories[good.place],
    }
    return {"external_id": str(good.id), "data": data}
