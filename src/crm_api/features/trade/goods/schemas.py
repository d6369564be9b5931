"""What others may ask about the goods of an order."""

from .rules import MOVED as MOVED
from .rules import RETURNED as RETURNED
from .rules import SHIPPED as SHIPPED
from .rules import Line as Line
from .rules import Lines as Lines
from .rules import Quantities as Quantities
from .rules import carried as carried
from .rules import check_left as check_left
from .rules import moved as moved
from .rules import share_of as share_of
from .rules import to_return as to_return
from .rules import to_ship as to_ship
from .rules import with_more as with_more
