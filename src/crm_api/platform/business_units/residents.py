"""What stands in business units: nouns above this one say it in their `resource.py`."""

from sqlalchemy import Column

residents: dict[str, "Column[object]"] = {}
"""The column that names the unit of a record, by the word of its noun: `user`, `team`."""
