from crm_api.kit.naming import NamedRepository

from .models import LegalEntity
from .resource import LEGAL_ENTITY
from .schemas import LegalEntityRead


class LegalEntityRepository(NamedRepository[LegalEntity, LegalEntityRead]):
    model = LegalEntity
    noun = LEGAL_ENTITY
    read = LegalEntityRead
    texts = ("legal_name", "registration_number")
