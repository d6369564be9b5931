"""One clock of a ticket, for whoever has several, and for the policies that they run under."""

from .rules import Clock as Clock
from .rules import Step as Step
from .rules import Terms as Terms
from .rules import dropped as dropped
from .rules import going as going
from .rules import met as met
from .rules import passed as passed
from .rules import taken_up as taken_up
