"""External ids, as fields that may be asked about."""

from crm_api.kit.fields import Keyed
from crm_api.kit.kinds import Kind
from crm_api.kit.words import by_language, say


def by_system(system: str) -> Keyed:
    """`external_ids.sap`: the id that a system knows the record by."""
    return Keyed(
        name=f"external_ids.{system}",
        kind=Kind.text,
        labels=(by_language(say("Id in {system}", system=system)),),
        says=say("The id that {system} knows the record by.", system=system),
        of="external_ids",
        key=system,
    )
