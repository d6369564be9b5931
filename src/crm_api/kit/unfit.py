"""What is wrong with one condition of a filter."""

from typing import Any

from pydantic import ValidationError

from .errors import FieldError
from .mistakes import mistakes
from .words import Misfit, Words, words_of


class Unfit(Exception):
    """A condition that cannot be asked; `part` is its member that is wrong."""

    def __init__(self, part: str, code: str, message: Words, **params: Any) -> None:
        super().__init__(message)
        self.part, self.code, self.message, self.params = part, code, message, params


def said(error: ValidationError | Misfit) -> tuple[str, Words]:
    if isinstance(error, Misfit):
        return error.type, words_of(error)
    found = next(iter(mistakes("body", error)))
    return found["code"], found["message"]


def mistake(pointer: str, unfit: Unfit) -> FieldError:
    told: FieldError = {"pointer": pointer, "code": unfit.code, "message": unfit.message}
    if unfit.params:
        told["params"] = unfit.params
    return told
