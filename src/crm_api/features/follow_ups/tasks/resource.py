from crm_api.kit.db import table_of
from crm_api.kit.ids import Prefix
from crm_api.kit.machines import Machine, Transition
from crm_api.kit.overviews import Shown, shown
from crm_api.kit.resource import Resource
from crm_api.platform.business_units.residents import residents
from crm_api.platform.users.belongings import Belongings, Sole, belongings

from .models import Task, TaskState

TASKS = table_of(Task)
TASK = Resource(
    noun="task",
    prefix=Prefix("tsk"),
    model=Task,
    machines={
        "state": Machine(
            TaskState.open,
            (
                Transition("complete", TaskState.open, TaskState.done),
                Transition("cancel", TaskState.open, TaskState.cancelled),
                Transition("reopen", (TaskState.done, TaskState.cancelled), TaskState.open),
            ),
        )
    },
    merges={"tasks.customer_id": "repoint", "task_records.record_id": "repoint"},
    custom=True,
)
residents[TASK.word] = TASKS.c.business_unit_id
belongings[TASK.word] = Belongings(
    TASK,
    roles=(Sole("assignee", TASKS.c.assignee_id),),
    state=TASKS.c.state,
    live=(TaskState.open,),
)
shown["open_tasks"] = Shown(
    TASK, by="customer_id", where={"state": (TaskState.open,)}, sort=("due_order",), most=5
)
