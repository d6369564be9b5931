"""Which price a line has, and the way to it: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from crm_api.features.catalogue.price_books.schemas import PriceRule, RuleBase


class PriceSource(StrEnum):
    price_entry = "price_entry"
    price_rule = "price_rule"
    list_price = "list_price"


class Found(StrEnum):
    """What a book says of a line: `no_price` where a rule fits, and nothing to make a price of."""

    entry = "entry"
    rule = "rule"
    no_price = "no_price"
    nothing = "nothing"


@dataclass(frozen=True, slots=True)
class Line:
    """So much of a product."""

    product_id: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Asked:
    """What is sold to whom, by which unit; who names neither gets the prices for everybody."""

    currency: str
    on: date
    lines: tuple[Line, ...]
    customer_id: UUID | None = None
    business_unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Book:
    id: UUID
    includes_tax: bool
    rules: Sequence[PriceRule]


@dataclass(frozen=True, slots=True)
class Product:
    """Its prices are those in the currency that is asked for; `categories` are its own and those
    above."""

    kind: str
    categories: frozenset[UUID]
    list_price: Decimal | None
    unit_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Entry:
    id: UUID
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of all lines: books in the order in which they are looked in, entries by the
    book and the number of the line. `list_prices_include_tax` as those of the default book do."""

    books: Sequence[Book]
    products: Mapping[UUID, Product]
    entries: Mapping[tuple[UUID, int], Entry]
    list_prices_include_tax: bool


@dataclass(frozen=True, slots=True)
class Step:
    """That a book was looked in, and what it said; `rule` is the place of the rule in it."""

    price_book_id: UUID
    found: Found
    rule: int | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of a line costs; without a price all but the path is null."""

    unit_price: Decimal | None = None
    includes_tax: bool | None = None
    source: PriceSource | None = None
    price_book_id: UUID | None = None
    price_entry_id: UUID | None = None
    path: tuple[Step, ...] = ()

    def after(self, step: Step) -> "Price":
        return replace(self, path=(step, *self.path))


def prices(shelf: Shelf, lines: Sequence[Line]) -> list[Price]:
    """One for each line; its product is there."""
    return [_price(shelf, n, shelf.products[line.product_id]) for n, line in enumerate(lines)]


def _price(shelf: Shelf, line: int, product: Product, at: int = 0) -> Price:
    """By the books from a place on: an entry, else the first rule that fits, else the next book."""
    if at == len(shelf.books):
        return _listed(shelf, product)
    book = shelf.books[at]
    if entry := shelf.entries.get((book.id, line)):
        step, source = Step(book.id, Found.entry), PriceSource.price_entry
        price = Price(entry.unit_price, book.includes_tax, source, book.id, entry.id)
        return price.after(step)
    fits = (n for n, r in enumerate(book.rules) if r.fits(product.kind, product.categories))
    number = next(fits, None)
    above = _price(shelf, line, product, at + 1)
    if number is None:
        return above.after(Step(book.id, Found.nothing))
    return _ruled(book, number, product, above)


def _ruled(book: Book, number: int, product: Product, above: Price) -> Price:
    """A rule that has no price to start from leaves the line to the books that come after."""
    rule = book.rules[number]
    base = _base(rule.base, book, product, above)
    unit_price = None if base is None else rule.of(base)
    if unit_price is None:
        return above.after(Step(book.id, Found.no_price, number))
    path = above.path if rule.base == RuleBase.parent else ()
    price = Price(unit_price, book.includes_tax, PriceSource.price_rule, book.id, path=path)
    return price.after(Step(book.id, Found.rule, number))


def _base(base: str, book: Book, product: Product, above: Price) -> Decimal | None:
    """A price with tax is none to start from for one without, nor the other way round."""
    if base == RuleBase.parent:
        return above.unit_price if above.includes_tax == book.includes_tax else None
    return product.list_price if base == RuleBase.list_price else product.unit_cost


def _listed(shelf: Shelf, product: Product) -> Price:
    if product.list_price is None:
        return Price()
    return Price(product.list_price, shelf.list_prices_include_tax, PriceSource.list_price)
