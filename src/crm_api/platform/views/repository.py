from crm_api.kit.repository import Repository

from .models import View
from .schemas import ViewRead


class ViewRepository(Repository[View, ViewRead]):
    model = View
    read = ViewRead
