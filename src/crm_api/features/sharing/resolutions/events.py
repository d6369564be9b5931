from typing import ClassVar

from crm_api.kit.events import Event


class CustomerPresenceTold(Event):
    """Somebody who does not see a customer was told that the group knows one by the key that he
    asked for. The customer is as it was."""

    type: ClassVar[str] = "customer.presence_told"
