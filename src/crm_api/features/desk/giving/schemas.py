"""Who has tickets, for whoever gives them."""

from .rules import waits as waits
