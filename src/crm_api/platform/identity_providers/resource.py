from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import IdentityProvider, Subject

IDENTITY_PROVIDER = Resource(noun="identity provider", prefix=Prefix("idp"), model=IdentityProvider)
SUBJECT = Resource(
    noun="subject", prefix=Prefix("sbj"), model=Subject, reads="identity_providers:read"
)
