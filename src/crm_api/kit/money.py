"""placeholder while the real one is being written"""

from typing import Annotated

from pydantic import Field

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
