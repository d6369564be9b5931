from crm_api.kit.errors import Conflict, Forbidden, Gone, NotFound, Problem, Unauthenticated
from crm_api.kit.words import say


class JobGivenUp(Problem):
    """It was tried several times, and failed each time in a way that nobody foresaw."""

    status, code = 500, "job-failed"

    def __init__(self, tries: int) -> None:
        super().__init__(say("The job was given up after {tries} tries.", tries=tries))


class TooManyJobs(Conflict):
    def __init__(self, most: int) -> None:
        told = say("{most} jobs of the tenant have not ended: wait for some of them.", most=most)
        super().__init__(told, headers={"Retry-After": "10"})


class AskerGone(Unauthenticated):
    """Who may do nothing any more has nothing done any more."""

    def __init__(self) -> None:
        super().__init__(
            say(
                "The key that asked for this job has been revoked, has expired or lacks a scope "
                "of it, or the tenant is suspended."
            )
        )


class NotYet(Conflict):
    def __init__(self) -> None:
        told = say("The job has not succeeded yet: read it again in a moment.")
        super().__init__(told, headers={"Retry-After": "2"})


class NoResult(NotFound):
    def __init__(self) -> None:
        super().__init__(say("This job has no result."))


class NotSucceeded(Conflict):
    def __init__(self, state: str) -> None:
        super().__init__(say("This job is {state}, so it has no result.", state=state))


class ResultGone(Gone):
    def __init__(self, days: int) -> None:
        super().__init__(say("Results are kept for {days} days: ask for it anew.", days=days))


class NotYours(Forbidden):
    """A result shows what its asker may see, and only to those who may see as much."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(
            say("The result takes a key with the job's scopes that sees all that its asker saw."),
            missing_scope=missing,
        )
