from crm_api.kit.ids import Prefix
from crm_api.kit.resource import Resource

from .models import Job, JobState

JOB = Resource(
    noun="job",
    prefix=Prefix("job"),
    model=Job,
    states={
        JobState.queued: (JobState.running, JobState.cancelled),
        JobState.running: (JobState.succeeded, JobState.failed, JobState.cancelled),
        JobState.succeeded: (),
        JobState.failed: (),
        JobState.cancelled: (),
    },
)
