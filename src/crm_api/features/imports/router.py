from typing import Annotated

from fastapi import Response

from crm_api.kit.accepted import accepted
from crm_api.kit.asked import asked
from crm_api.kit.guard import MAX_FILE
from crm_api.kit.provide import provide
from crm_api.kit.unit_route import resource
from crm_api.kit.uploads import Upload, upload_of, uploaded
from crm_api.platform.jobs.schemas import JobRead

from .schemas import ImportQuery
from .service import ImportService

FILES = ("application/x-ndjson", "text/csv")
router = resource("imports", "jobs")

Importer = Annotated[
    ImportService, provide(ImportService, "imports:write", "customers:write", "customers:bulk")
]


@router.post("", status_code=202, response_model=JobRead, **upload_of(FILES, MAX_FILE))
async def start_import(
    imports: Importer,
    query: Annotated[ImportQuery, asked(ImportQuery)],
    file: Annotated[Upload, uploaded(*FILES)],
) -> Response:
    """Create or change the records of a file of up to 32 MB, each by the id its system gives it.

    NDJSON has an item of `batch-upsert` a line; a table is CSV with `,`, `;` or tabs, in UTF-8, or
    in GB18030 if the charset says so. The job's result tells what became of each line.
    """
    return accepted(await imports.start(query, file))
