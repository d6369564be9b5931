"""What happens to a ticket, for whoever tells its clocks."""

from .rules import DONE as DONE
from .rules import Clocks as Clocks
from .rules import Happening as Happening
from .rules import agent_replied as agent_replied
from .rules import customer_wrote as customer_wrote
from .rules import moved as moved
