from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents

from .models import Macro, MacroState

MACRO = Resource(
    noun="macro",
    prefix=Prefix("mac"),
    model=Macro,
    machines={"state": live_and_archived(MacroState)},
)
residents[MACRO.word] = table_of(Macro).c.business_unit_id
