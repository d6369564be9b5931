from crm_api.kit.errors import FieldError, Invalid
from crm_api.kit.wire_errors import FileRejected
from crm_api.kit.words import say


class UnknownColumns(FileRejected):
    def __init__(self, columns: list[str]) -> None:
        message = say("Leave these columns out: customers have no such fields.")
        super().__init__("unknown_column", message, columns=columns)


class RepeatedLine(Invalid):
    """An id that a file names twice: it is not clear which line is right."""

    def __init__(self, first: int) -> None:
        message = say("Line {first} has this external id already.", first=first)
        error: FieldError = {"pointer": "/external_id", "code": "repeated", "message": message}
        super().__init__(say("The line does not fit the contract."), error)


class OtherCells(Invalid):
    """A line with more or fewer cells than columns: no cell can be trusted."""

    def __init__(self, columns: int, cells: int) -> None:
        message = say(
            "The table has {columns} columns, the line {cells} cells.", columns=columns, cells=cells
        )
        error: FieldError = {"pointer": "", "code": "cell_count", "message": message}
        super().__init__(say("The line does not fit the contract."), error)
