from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition, live_and_archived
from crm_api.kit.resource import Resource
from crm_api.kit.words import say

from .models import Agent, AgentState, Presence

WORKING = (Presence.online, Presence.away)
AGENT = Resource(
    noun="agent",
    prefix=Prefix("agt"),
    model=Agent,
    machines={
        "presence": Machine(
            Presence.offline,
            (
                Transition("go-online", (Presence.offline, Presence.away), Presence.online),
                Transition("go-away", (Presence.online, Presence.offline), Presence.away),
                Transition("go-offline", WORKING, Presence.offline),
                Transition(
                    say("The agent is archived, or the user is suspended or leaves."),
                    WORKING,
                    Presence.offline,
                ),
            ),
        ),
        "state": live_and_archived(AgentState),
    },
)
