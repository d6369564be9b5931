from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import View

VIEW = Resource(noun="view", prefix=Prefix("viw"), model=View)
