"""Who writes, as others hand it in."""

from .rules import Writer as Writer
from .rules import by_mail as by_mail
from .rules import by_points as by_points
from .rules import one_line as one_line
