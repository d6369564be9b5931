"""Lines of small worlds cost what a model of them says, which reads as the rule does.

Books of all sorts, with entries and rules, for customers, grades and units, in force or not; the
model finds the book by sorting, and the price by asking one book after the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection as Admin
from httpx import AsyncClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_api.cli.unit import operator
from crm_api.features.catalogue.prices.schemas import Asked, Line
from crm_api.features.catalogue.prices.service import PriceService
from crm_api.kit.context import House
from tests.conftest import NewClient, NewTenant
from tests.features.pipeline.selling import customer, unit

from .shelf import Json, book, category, entry, graded, money, product
from .test_price_rules import made_from

DAY = date(2027, 1, 1)
UNITS: dict[str, str | None] = {"group": None, "east": "group", "shop": "east", "west": "group"}
GRADED = {"shop": "A", "east": "B"}
CATEGORIES = {"top": {"top"}, "below": {"below", "top"}, None: set[str]()}
LIST, COST = Decimal(100), Decimal(40)
Priced = tuple[Decimal | None, bool | None, str | None]


@dataclass
class Entry:
    """Until a day before or after `DAY`, or for ever."""

    product: int
    quantity: int
    amount: int
    until: int | None


@dataclass
class Book:
    """Its parent is one before it; days are counted from `DAY`."""

    customer: str | None
    grade: str | None
    unit: str | None
    parent: int | None
    with_tax: bool
    default: bool
    live: bool
    begins: int | None
    ends: int | None
    rules: list[Json]
    entries: list[Entry]
    id: str = field(default="")

    @property
    def in_force(self) -> bool:
        begun = self.begins is None or self.begins <= 0
        return self.live and begun and (self.ends is None or self.ends > 0)


@dataclass
class World:
    products: list[Json]
    books: list[Book]


WHOM = [(dealer, at) for dealer in (None, "dealer") for at in (None, *UNITS)]
"""Who may ask: a customer or nobody, of a unit or of none."""
QUANTITIES = ("1", "5", "9.5", "10")
CURRENCY = st.sampled_from(["CNY", "CNY", "EUR", None])
PLACES = st.sampled_from([None] * 3 + [*UNITS])
SOME, KINDS = st.sampled_from([None, "top", "below"]), ("goods", "service")
PRODUCT = st.fixed_dictionaries(
    {"category": SOME, "kind": st.sampled_from(KINDS), "list": CURRENCY, "cost": CURRENCY}
)
RULE = st.fixed_dictionaries(
    {
        "category": SOME,
        "kind": st.sampled_from([None, *KINDS]),
        "base": st.sampled_from(["parent", "parent", "list_price", "unit_cost"]),
        "percent": st.sampled_from(["0", "-10", "25.5", "-100"]),
        "plus": st.sampled_from([None, "1", "-0.5"]),
        "rounding": st.sampled_from([None, {"to": "1", "mode": "up", "ending": "0.99"}]),
    }
)
FOR_WHOM = st.sampled_from([("dealer", None), ("other", None), (None, "A"), (None, "B")])
OFTEN = st.sampled_from([True, True, True, False])
OPEN, CLOSED = [(None, None), (0, None), (None, 1), (-2, 2)], [(1, None), (None, 0)]
SPANS = st.sampled_from(OPEN * 2 + CLOSED)


@st.composite
def books_of(draw: st.DrawFn, products: int) -> list[Book]:
    books: list[Book] = []
    for _ in range(draw(st.integers(1, 7))):
        default = not any(one.default for one in books) and draw(st.booleans())
        whom = (None, None) if default else draw(st.just((None, None)) | FOR_WHOM)
        with_tax, span = draw(st.booleans()), draw(SPANS)
        fit = [n for n, one in enumerate(books) if one.with_tax == with_tax]
        one = Book(
            *whom,
            unit=None if default else draw(PLACES),
            parent=draw(st.sampled_from([None, *fit, *fit])),
            with_tax=with_tax,
            default=default,
            live=draw(OFTEN),
            begins=span[0],
            ends=span[1],
            rules=draw(st.lists(RULE, max_size=2)),
            entries=draw(entries_of(products)),
        )
        books.append(one)
    return books


def entries_of(products: int) -> st.SearchStrategy[list[Entry]]:
    one = st.builds(
        Entry,
        product=st.integers(0, products - 1),
        quantity=st.sampled_from([0, 5, 10]),
        amount=st.integers(1, 50),
        until=st.sampled_from([None, None, 1, 0, -1]),
    )
    return st.lists(one, max_size=4, unique_by=lambda one: (one.product, one.quantity))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    products = draw(st.lists(PRODUCT, min_size=1, max_size=3))
    return World(products, draw(books_of(len(products))))


def line_above(place: str | None) -> Iterator[str]:
    while place:
        yield place
        place = UNITS[place]


def looked_in(books: list[Book], dealer: str | None, at: str | None) -> list[Book]:
    """Of the books that fit, sorted by how well they do, the first; and the default one."""
    line = list(line_above(at))
    grade = GRADED.get(at or "") if dealer else None

    def fits(of: Book) -> bool:
        asked = ((of.customer, dealer), (of.grade, grade))
        near = of.unit is None or of.unit in line
        return of.in_force and near and all(said in (None, is_) for said, is_ in asked)

    def rank(number: int) -> tuple[bool, bool, int, int]:
        of = books[number]
        near = line.index(of.unit) if of.unit else len(line)
        return of.customer is None, of.grade is None, near, -number

    fitting = sorted((n for n, one in enumerate(books) if fits(one)), key=rank)[:1]
    begins = [*fitting, *(n for n, one in enumerate(books) if one.default and one.in_force)]
    way = dict.fromkeys(n for first in begins for n in books_above(books, first))
    return [books[n] for n in way if books[n].in_force]


def books_above(books: list[Book], number: int | None) -> Iterator[int]:
    while number is not None:
        yield number
        number = books[number].parent


def priced(world: World, way: list[Book], line: tuple[int, str]) -> Priced:
    """The price, whether it has tax, and its source."""
    number, quantity = line
    what = world.products[number]
    if not way:
        default = next((one for one in world.books if one.default and one.in_force), None)
        listed = (LIST, bool(default and default.with_tax), "list_price")
        return listed if what["list"] == "CNY" else (None, None, None)
    of, *rest = way
    bought = [
        (one.quantity, Decimal(one.amount))
        for one in of.entries
        if one.product == number and one.quantity <= Decimal(quantity) and one.until in (None, 1)
    ]
    if bought:
        return max(bought)[1], of.with_tax, "price_entry"
    upper = priced(world, rest, line)
    within = CATEGORIES[what["category"]] | {None}
    fit = (r for r in of.rules if r["category"] in within and r["kind"] in (None, what["kind"]))
    return ruled(next(fit, None), of, what, upper)


def ruled(rule: Json | None, of: Book, what: Json, upper: Priced) -> Priced:
    """What a rule makes of a price, `made_from` says, and is tested alone."""
    bases = {
        "parent": upper[0] if upper[1] == of.with_tax else None,
        "list_price": LIST if what["list"] == "CNY" else None,
        "unit_cost": COST if what["cost"] == "CNY" else None,
    }
    base = bases[rule["base"]] if rule else None
    if rule is None or base is None:
        return upper
    said = {name: rule[name] for name in ("percent", "plus", "rounding")}
    return made_from(base, said), of.with_tax, "price_rule"


@dataclass
class Town:
    """What all worlds have in common: units, customers and categories, by their names."""

    client: AsyncClient
    tenant: Any
    ids: dict[str | None, Any]

    async def build(self, world: World) -> list[Json]:
        """The products; books that are not live are archived when all are there."""
        there = [await product(self.client, **self._product(what)) for what in world.products]
        for of in world.books:
            of.id = await self._book(of, world.books, there)
        for of in world.books:
            if not of.live:
                await self.client.post(f"/price-books/{of.id}/archive")
        return there

    def _product(self, what: Json) -> Json:
        told: Json = {"kind": what["kind"], "category_id": self.ids[what["category"]]}
        prices = (("list_price", LIST, what["list"]), ("unit_cost", COST, what["cost"]))
        return told | {name: money(str(of), of_) for name, of, of_ in prices if of_}

    async def _book(self, of: Book, books: list[Book], there: list[Json]) -> str:
        named = {"customer_id": of.customer, "business_unit_id": of.unit}
        made = await book(
            self.client,
            **{name: self.ids[id] for name, id in named.items()},
            grade=of.grade,
            parent_id=None if of.parent is None else books[of.parent].id,
            valid_from_on=day(of.begins),
            valid_until_on=day(of.ends),
            prices_include_tax=of.with_tax,
            is_default=of.default,
            rules=[self._rule(one) for one in of.rules],
        )
        for one in of.entries:
            said = {"min_quantity": str(one.quantity), "valid_until_on": day(one.until)}
            await entry(self.client, made, there[one.product], str(one.amount), **said)
        return str(made["id"])

    def _rule(self, rule: Json) -> Json:
        told = {name: value for name, value in rule.items() if name != "category"}
        return {**told, "category_id": self.ids[rule["category"]]}

    def id(self, name: str | None) -> UUID | None:
        return UUID(self.ids[name][4:]) if name else None


def day(number: int | None) -> str | None:
    return None if number is None else (DAY + timedelta(days=number)).isoformat()


@pytest.fixture
async def town(caller: NewClient, new_tenant_: NewTenant) -> Town:
    tenant = await new_tenant_()
    client = await caller(tenant=tenant)
    ids: dict[str | None, Any] = {None: None}
    for name, parent in UNITS.items():
        ids[name] = await unit(client, name, parent_id=ids[parent])
    for name in ("dealer", "other"):
        ids[name] = await customer(client, name)
    for place, grade in GRADED.items():
        await graded(client, ids["dealer"], ids[place], grade)
    ids["top"] = (await category(client))["id"]
    ids["below"] = (await category(client, parent_id=ids["top"]))["id"]
    return Town(client, tenant, ids)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(world=worlds())
async def test_lines_cost_what_a_model_says(
    town: Town, house: House, admin: "Admin[Any]", world: World
) -> None:
    """Whoever asks, for whatever; and the way to a price goes through the same books."""
    for table in ("price_entries", "price_books", "products"):
        await admin.execute(f"DELETE FROM {table}")
    there = [UUID(one["id"][4:]) for one in await town.build(world)]
    numbered = [(n, quantity) for n in range(len(there)) for quantity in QUANTITIES]
    lines = tuple(Line(there[n], Decimal(quantity)) for n, quantity in numbered)
    for dealer, at in WHOM:
        asked = Asked("CNY", DAY, lines, town.id(dealer), town.id(at))
        found = await PriceService(operator(house, town.tenant)).resolve(asked)
        way = looked_in(world.books, dealer, at)
        expected = [priced(world, way, line) for line in numbered]
        assert [(one.unit_price, one.includes_tax, one.source) for one in found] == expected
        for one in found:
            stepped = [step.price_book_id.hex for step in one.path]
            assert stepped == [of.id[4:] for of in way[: len(stepped)]]
