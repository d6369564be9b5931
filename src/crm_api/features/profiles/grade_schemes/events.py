from typing import ClassVar

from crm_api.kit.events import Event


class GradeSchemeCreated(Event):
    type: ClassVar[str] = "grade_scheme.created"


class GradeSchemeUpdated(Event):
    type: ClassVar[str] = "grade_scheme.updated"


class GradeSchemeArchived(Event):
    type: ClassVar[str] = "grade_scheme.archived"


class GradeSchemeRestored(Event):
    type: ClassVar[str] = "grade_scheme.restored"
