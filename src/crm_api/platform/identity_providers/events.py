from typing import ClassVar

from crm_api.kit.events import Event


class IdentityProviderCreated(Event):
    type: ClassVar[str] = "identity_provider.created"


class IdentityProviderUpdated(Event):
    type: ClassVar[str] = "identity_provider.updated"


class IdentityProviderDeleted(Event):
    type: ClassVar[str] = "identity_provider.deleted"
