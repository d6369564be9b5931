"""What became of clocks, for whoever keeps and tells it."""

from .rules import Fact as Fact
from .rules import FactKind as FactKind
from .rules import facts as facts
