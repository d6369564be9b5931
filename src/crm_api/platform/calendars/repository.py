from crm_api.kit.repository import Repository

from .models import BusinessCalendar
from .schemas import BusinessCalendarRead


class BusinessCalendarRepository(Repository[BusinessCalendar, BusinessCalendarRead]):
    model = BusinessCalendar
    read = BusinessCalendarRead
