from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import PriceBookPage, PriceBookQuery
from .resource import PRICE_BOOK
from .schemas import PriceBookCreate, PriceBookId, PriceBookRead, PriceBookUpdate
from .service import PriceBookService

ids_in_paths(PRICE_BOOK.prefix)
router = resource("price-books", "price-books")

Reader = Annotated[PriceBookService, provide(PriceBookService, "price_books:read")]
Writer = Annotated[PriceBookService, provide(PriceBookService, "price_books:write")]


@router.get("", response_model=PriceBookPage)
async def list_price_books(
    books: Reader, query: Annotated[PriceBookQuery, asked(PriceBookQuery)]
) -> Response:
    """List price books, live ones unless `state` says otherwise, newest first."""
    return listed(await books.list(query))


@router.post("", status_code=201, response_model=PriceBookRead)
async def create_price_book(books: Writer, data: PriceBookCreate) -> Response:
    """Make a price book: for everybody, or for a unit, a grade of customers or one customer.

    Of those that fit a customer the most specific counts: his own, else that of his grade in the
    nearest unit, that of his grade, that of the nearest unit, one for everybody; of two alike the
    newer one.
    """
    return created(await books.create(data))


@router.get("/{id:pbk}", response_model=PriceBookRead)
async def get_price_book(books: Reader, id: PriceBookId) -> Response:
    """Read a price book. An archived one is answered: look at its `state`."""
    return found(await books.get(id))


@router.patch("/{id:pbk}", response_model=PriceBookRead)
async def update_price_book(books: Writer, id: PriceBookId, data: PriceBookUpdate) -> Response:
    """Change some fields of a price book, its rules all at once.

    What was priced before stays as it was priced: documents keep their prices.
    """
    return changed(await books.update(id, data))


@router.post("/{id:pbk}/archive", response_model=PriceBookRead)
async def archive_price_book(books: Writer, id: PriceBookId) -> Response:
    """Take a price book out of use. Books below it look in its parent instead."""
    return changed(await books.archive(id))


@router.post("/{id:pbk}/restore", response_model=PriceBookRead)
async def restore_price_book(books: Writer, id: PriceBookId) -> Response:
    """Put an archived price book into use again."""
    return changed(await books.restore(id))
