"""What the parts of a deal must be, and what follows from them: pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from crm_api.features.catalogue.products.resource import PRODUCT
from crm_api.features.catalogue.products.schemas import ProductForSale
from crm_api.features.customers.resource import CUSTOMER
from crm_api.features.pipeline.pipelines.schemas import PipelineRead
from crm_api.kit.money import written
from crm_api.kit.rounding import rounded
from crm_api.kit.words import say
from crm_api.platform.external_ids.rules import known_as
from crm_api.platform.users.listed import known, newly, newly_working, told

from .errors import UnfitDeal

MOST_WORTH = Decimal(10**12)
Sent = Mapping[str, Any]


class Known(Protocol):
    """A deal as it is before a change."""

    customer_id: Any
    contacts: Any
    splits: Any
    products: Any
    amount: Any
    currency: Any
    pipeline_id: Any
    checklist: Any
    status: Any


def columns(sent: Sent, deal: Known | None = None) -> dict[str, Any]:
    """What was sent as columns have it, with what follows from it. Raises UnfitDeal."""
    made = dict(sent)
    if "collaborator_ids" in sent:
        made["collaborator_ids"] = told(sent["collaborator_ids"])
    if "products" in sent:
        made["products"] = [line(product) for product in sent["products"]]
    if "amount" in sent or "products" in sent:
        made |= _worth(made, deal)
    return made | known_as(vars(deal) if deal else {}, sent)


def ticked(pipeline: PipelineRead, before: Sent, sent: Sent) -> dict[str, bool]:
    """The items of a checklist that are done from now on. Raises UnfitDeal."""
    known = {item.key for stage in pipeline.stages for item in stage.checklist}
    for key in sent:
        if key not in known:
            choices = ", ".join(sorted(known)) or "-"
            message = say("The pipeline has these items: {choices}.", choices=choices)
            raise UnfitDeal(f"/checklist/{key}", "unknown_item", message)
    after = {**before, **sent}
    return {key: True for key, done in after.items() if done}


def newly_named(sent: Sent, deal: Known | None = None) -> dict[str, UUID]:
    """Users whom a deal did not name before, by where they stand in the body."""
    named = newly_working(vars(deal) if deal else {}, sent)
    sharing = known(split["user_id"] for split in sent.get("splits", ()))
    splits = newly((s["user_id"] for s in deal.splits) if deal else (), sharing, "/splits")
    return named | {f"{place}/user_id": user for place, user in splits.items()}


def people(contacts: Iterable[Sent]) -> list[UUID]:
    """Whom the contacts of a deal are."""
    return [CUSTOMER.prefix.read(contact["customer_id"]) for contact in contacts]


def customers(sent: Sent) -> list[UUID]:
    """Whom a deal is going to name."""
    customer = sent.get("customer_id")
    return [*([customer] if customer else ()), *people(sent.get("contacts", ()))]


def new_customer(sent: Sent, deal: Known | None = None) -> dict[str, UUID]:
    """The customer, if he was another one before, by where he stands in the body."""
    customer = sent.get("customer_id")
    if customer is None or (deal is not None and deal.customer_id == customer):
        return {}
    return {"/customer_id": customer}


def strangers(sent: Sent, deal: Known | None = None) -> dict[str, UUID]:
    """Contacts whom a deal did not have before, by where they stand in the body."""
    before = set(people(deal.contacts)) if deal else set()
    listed = enumerate(people(sent.get("contacts", ())))
    return {f"/contacts/{n}/customer_id": id for n, id in listed if id not in before}


def products(sent: Sent, deal: Known | None = None) -> dict[str, UUID]:
    """Products that a deal did not name before, by where they stand in the body."""
    known = {product["product_id"] for product in deal.products} if deal else set()
    return {
        f"/products/{n}/product_id": PRODUCT.prefix.read(id)
        for n, product in enumerate(sent.get("products", ()))
        if (id := product["product_id"]) and id not in known
    }


def named(product: Sent, known: Mapping[UUID, ProductForSale]) -> Sent:
    """Of a product what the deal does not say otherwise, as it is when the deal is written."""
    id = product["product_id"]
    found = known.get(PRODUCT.prefix.read(id)) if id else None
    if found is None:
        return product
    told = {"name": product["name"] or found.name, "sku": product["sku"] or found.sku}
    return {**product, **told}


def line(product: Sent) -> dict[str, Any]:
    """Rounded half up to the digits of the currency, as invoices are."""
    price, currency = product["unit_price"]["amount"], product["unit_price"]["currency"]
    share = (100 - Decimal(product["discount_percent"])) / 100
    exact = Decimal(product["quantity"]) * Decimal(price) * share
    amount = written(rounded(exact, currency), currency)
    return {**product, "amount": {"amount": amount, "currency": currency}}


def typed(amount: Sent | None) -> dict[str, Any]:
    if amount is None:
        return {"amount": None, "currency": None}
    return {"amount": Decimal(amount["amount"]), "currency": amount["currency"]}


def summed(products: Sequence[Sent]) -> dict[str, Any]:
    total = sum((Decimal(product["amount"]["amount"]) for product in products), Decimal())
    if total >= MOST_WORTH:
        raise UnfitDeal("/products", "too_much", say("The sum has more than twelve digits."))
    if total < 0:
        raise UnfitDeal("/products", "amount_negative", say("The sum is below zero."))
    return {"amount": total, "currency": products[0]["amount"]["currency"]}


def _worth(sent: Sent, deal: Known | None) -> dict[str, Any]:
    """The amount follows the products, where there are some, else what was typed."""
    products = sent.get("products", deal.products if deal else ())
    if products and sent.get("amount") is not None:
        message = say("Leave it out: it is the sum of the products.")
        raise UnfitDeal("/amount", "follows_products", message)
    if products:
        return summed(products)
    return typed(sent["amount"]) if "amount" in sent else {}
