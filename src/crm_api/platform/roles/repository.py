from collections.abc import Mapping
from typing import Any

from crm_api.kit.repository import Repository

from .models import Role
from .resource import ROLE
from .schemas import RoleRead


class RoleRepository(Repository[Role, RoleRead]):
    model = Role
    noun = ROLE
    read = RoleRead

    def place(self, values: Mapping[str, Any]) -> None:
        """A role that is there from the beginning."""
        made = {"created_at": self.ctx.now, "updated_at": self.ctx.now}
        self.link(Role, id=self.ctx.new_id(), **made, **values)
