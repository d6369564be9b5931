from crm_api.kit.ids import Prefix
from crm_api.kit.machines import live_and_archived
from crm_api.kit.resource import Resource

from .models import GradeScheme, GradeSchemeState

GRADE_SCHEME = Resource(
    noun="grade scheme",
    prefix=Prefix("grs"),
    model=GradeScheme,
    machines={"state": live_and_archived(GradeSchemeState)},
)
