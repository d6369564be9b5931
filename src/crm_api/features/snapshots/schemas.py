from typing import Literal

from crm_api.kit.schema import Input


class SnapshotCreate(Input):
    """Which records to take."""

    resource: Literal["customers"]
