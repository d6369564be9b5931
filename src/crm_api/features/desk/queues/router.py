from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .queries import QueuePage, QueueQuery
from .resource import QUEUE
from .schemas import QueueCreate, QueueId, QueueMembersChange, QueueRead, QueueUpdate
from .service import QueueService

ids_in_paths(QUEUE.prefix)
router = resource("queues", "queues")

Reader = Annotated[QueueService, provide(QueueService, "queues:read")]
Writer = Annotated[QueueService, provide(QueueService, "queues:write")]


@router.get("", response_model=QueuePage)
async def list_queues(queues: Reader, query: Annotated[QueueQuery, asked(QueueQuery)]) -> Response:
    """List queues, live ones unless `state` says otherwise, newest first."""
    return listed(await queues.list(query))


@router.post("", status_code=201, response_model=QueueRead)
async def create_queue(queues: Writer, data: QueueCreate) -> Response:
    """Make a queue, with or without members."""
    return created(await queues.create(data))


@router.get("/{id:que}", response_model=QueueRead)
async def get_queue(queues: Reader, id: QueueId) -> Response:
    """Read a queue. An archived one is answered: look at its `state`."""
    return found(await queues.get(id))


@router.patch("/{id:que}", response_model=QueueRead)
async def update_queue(queues: Writer, id: QueueId, data: QueueUpdate) -> Response:
    """Change some fields of a queue. Before another one is the default, this one must not be."""
    return changed(await queues.update(id, data))


@router.post("/{id:que}/add-members", response_model=QueueRead)
async def add_queue_members(queues: Writer, id: QueueId, data: QueueMembersChange) -> Response:
    """Add agents, whatever others change at the same time; who is in stays in. A queue has 500
    members at most."""
    return changed(await queues.add_members(id, data))


@router.post("/{id:que}/remove-members", response_model=QueueRead)
async def remove_queue_members(queues: Writer, id: QueueId, data: QueueMembersChange) -> Response:
    """Remove agents, whatever others change at the same time; who is not in is no mistake. They
    keep the tickets that they have."""
    return changed(await queues.remove_members(id, data))


@router.post("/{id:que}/archive", response_model=QueueRead)
async def archive_queue(queues: Writer, id: QueueId) -> Response:
    """Close a queue: it gives tickets to nobody, and rules that send some there are passed over."""
    return changed(await queues.archive(id))


@router.post("/{id:que}/restore", response_model=QueueRead)
async def restore_queue(queues: Writer, id: QueueId) -> Response:
    """Open an archived queue again."""
    return changed(await queues.restore(id))
