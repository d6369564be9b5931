from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import Rating, RatingState

ASKED = (RatingState.queued, RatingState.sent, RatingState.expired, RatingState.suppressed)
RATING = Resource(
    noun="rating",
    prefix=Prefix("rat"),
    model=Rating,
    machines={
        "state": Machine(
            RatingState.queued,
            (
                Transition(
                    say("The customer is asked, as soon as the policy says."),
                    RatingState.queued,
                    RatingState.sent,
                ),
                Transition(
                    say("The customer is not asked: `reason` says why."),
                    RatingState.queued,
                    RatingState.suppressed,
                ),
                Transition(
                    say("The customer answers, by the link or by telephone."),
                    ASKED,
                    RatingState.answered,
                ),
                Transition(say("Nobody answered in time."), RatingState.sent, RatingState.expired),
            ),
        )
    },
    merges={"ratings.customer_id": "repoint", "rating_turns.customer_id": "unite"},
)
