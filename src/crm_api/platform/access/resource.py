from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import ApiKey

API_KEY = Resource(noun="api key", prefix=Prefix("key"), model=ApiKey)
