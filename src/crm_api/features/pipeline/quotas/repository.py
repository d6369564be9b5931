from crm_api.kit.repository import Repository

from .models import Quota
from .resource import QUOTA
from .schemas import QuotaRead


class QuotaRepository(Repository[Quota, QuotaRead]):
    model = Quota
    noun = QUOTA
    read = QuotaRead
