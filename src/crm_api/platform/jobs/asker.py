from crm_api.platform.access.standing import Asker

from .models import Job


def asker_of(job: Job) -> Asker:
    """Who had a job begun, as he was then."""
    scopes, masks = frozenset(job.scopes), frozenset(job.masks)
    return Asker(job.actor_id, scopes, job.masked, job.user_id, job.business_unit_id, masks)
