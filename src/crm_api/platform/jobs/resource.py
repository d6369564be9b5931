from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import Job, JobState

JOB = Resource(
    noun="job",
    prefix=Prefix("job"),
    model=Job,
    machines={
        "state": Machine(
            JobState.queued,
            (
                Transition(say("A worker takes it up."), JobState.queued, JobState.running),
                Transition(say("Its work is done."), JobState.running, JobState.succeeded),
                Transition(say("Its work cannot be done."), JobState.running, JobState.failed),
                Transition("cancel", (JobState.queued, JobState.running), JobState.cancelled),
            ),
        )
    },
)
