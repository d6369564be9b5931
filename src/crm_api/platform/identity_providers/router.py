from typing import Annotated

from fastapi import Response

from crm_api.kit.asked import asked
from crm_api.kit.http import changed, created, found, gone, listed
from crm_api.kit.provide import provide
from crm_api.kit.routing import ids_in_paths
from crm_api.kit.unit_route import resource

from .resource import IDENTITY_PROVIDER, SUBJECT
from .schemas import (
    IdentityProviderCreate,
    IdentityProviderId,
    IdentityProviderPage,
    IdentityProviderQuery,
    IdentityProviderRead,
    IdentityProviderUpdate,
    SubjectId,
    SubjectPage,
    SubjectQuery,
    SubjectRead,
)
from .service import IdentityProviderService, SubjectService

ids_in_paths(IDENTITY_PROVIDER.prefix, SUBJECT.prefix)
router = resource("identity-providers", "access")
subjects = resource("subjects", "access")

READ, WRITE = "identity_providers:read", "identity_providers:write"
Reader = Annotated[IdentityProviderService, provide(IdentityProviderService, READ)]
Writer = Annotated[IdentityProviderService, provide(IdentityProviderService, WRITE)]
Subjects = Annotated[SubjectService, provide(SubjectService, READ)]


@router.get("", response_model=IdentityProviderPage)
async def list_identity_providers(
    providers: Reader, query: Annotated[IdentityProviderQuery, asked(IdentityProviderQuery)]
) -> Response:
    """List the providers whose tokens the tenant trusts, newest first."""
    return listed(await providers.list(query))


@router.post("", status_code=201, response_model=IdentityProviderRead)
async def create_identity_provider(providers: Writer, data: IdentityProviderCreate) -> Response:
    """Trust an OpenID Connect provider: its tokens for the audience are accepted from now on.

    Its configuration and keys are fetched when the first token comes. A tenant trusts 20 at most.
    """
    return created(await providers.create(data))


@router.get("/{id:idp}", response_model=IdentityProviderRead)
async def get_identity_provider(providers: Reader, id: IdentityProviderId) -> Response:
    """Read a provider."""
    return found(await providers.get(id))


@router.patch("/{id:idp}", response_model=IdentityProviderRead)
async def update_identity_provider(
    providers: Writer, id: IdentityProviderId, data: IdentityProviderUpdate
) -> Response:
    """Change what tokens of a provider may do. It holds for all of them within a second."""
    return changed(await providers.update(id, data))


@router.delete("/{id:idp}", status_code=204)
async def delete_identity_provider(providers: Writer, id: IdentityProviderId) -> Response:
    """Trust a provider no more. Its tokens stop working within a second."""
    await providers.delete(id)
    return gone()


@subjects.get("", response_model=SubjectPage)
async def list_subjects(
    subjects: Subjects, query: Annotated[SubjectQuery, asked(SubjectQuery)]
) -> Response:
    """List who has come with tokens, those who came first most recently at the top."""
    return listed(await subjects.list(query))


@subjects.get("/{id:sbj}", response_model=SubjectRead)
async def get_subject(subjects: Subjects, id: SubjectId) -> Response:
    """Tell who a subject is: the one whom the audit names as an actor."""
    return found(await subjects.get(id))
