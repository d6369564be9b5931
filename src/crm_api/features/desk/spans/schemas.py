"""Time that counts, for whoever has clocks."""

from .rules import AroundTheClock as AroundTheClock
from .rules import Piece as Piece
from .rules import PieceKind as PieceKind
from .rules import Stretch as Stretch
from .rules import Time as Time
from .rules import counted as counted
from .rules import moments as moments
from .rules import pieces as pieces
from .rules import started as started
from .rules import stopped as stopped
