from collections.abc import Sequence

from crm_api.kit.errors import Conflict, FieldError, Invalid
from crm_api.kit.words import Words, say


class UnfitStages(Invalid):
    """No deal could go its way through these stages."""

    def __init__(self, place: str, code: str, message: Words) -> None:
        wrong: FieldError = {"pointer": f"/stages{place}", "code": code, "message": message}
        super().__init__(say("These stages make no pipeline."), wrong)


class NoPipeline(Invalid):
    """Neither the unit, nor one above it, nor the group has a pipeline that is the default."""

    def __init__(self) -> None:
        wrong: FieldError = {
            "pointer": "/pipeline_id",
            "code": "missing",
            "message": say("Send a pipeline: no default one is in force in this unit."),
        }
        super().__init__(say("It is not clear which pipeline the deal is in."), wrong)


class ArchivedPipeline(Conflict):
    """No deal begins or goes on in a pipeline that is out of use."""

    def __init__(self) -> None:
        message = say("Restore the pipeline, or send another one.")
        super().__init__(
            say("The pipeline is archived."),
            {"pointer": "/pipeline_id", "code": "pipeline_archived", "message": message},
        )


class UnknownStage(Invalid):
    def __init__(self, known: Sequence[str]) -> None:
        message = say("Send one of {choices}.", choices=", ".join(known))
        wrong: FieldError = {"pointer": "/stage", "code": "unknown_stage", "message": message}
        super().__init__(say("The pipeline has no such open stage."), wrong)


class UnknownReason(Invalid):
    def __init__(self, known: Sequence[str]) -> None:
        message = say("Send one of {choices}.", choices=", ".join(known))
        wrong: FieldError = {"pointer": "/reason", "code": "unknown_reason", "message": message}
        super().__init__(say("Deals of this pipeline are not lost for that reason."), wrong)


class OtherUnit(Invalid):
    """A pipeline is for a unit and those below it."""

    def __init__(self) -> None:
        message = say("Send a pipeline of the deal's unit, of one above it, or of the group.")
        super().__init__(
            say("The deal's business unit does not work with this pipeline."),
            {"pointer": "/pipeline_id", "code": "other_unit", "message": message},
        )
