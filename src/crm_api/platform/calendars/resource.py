from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import BusinessCalendar

BUSINESS_CALENDAR = Resource(noun="business calendar", prefix=Prefix("cal"), model=BusinessCalendar)
