"""What an assistant is offered: each verb is one operation of the service, whose schema says what it takes."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Verb:
    """One tool. `component` narrows the body to one schema of several, `fixed` are fields that the assistant does not choose."""

    name: str
    operation: str
    what: str
    component: str | None = None
    fixed: dict[str, str] = field(default_factory=dict)


# In the order in which they are listed. No verb decides: of decisions a program may only propose one.
VERBS = (
    Verb("inject_topic", "tasks_create", "Ask the studio for a video about a topic. `key` makes a repetition harmless.", "TopicTask", {"kind": "topic"}),
    Verb(
        "inject_film",
        "tasks_create",
        "Propose a finished film, by the ids of its uploads (POST /v1/films; captions: POST /v1/uploads). A person is asked before it is shown.",
        "ReadyTask",
        # The strictest level, which every channel takes from a program: of a film it asks no more of people than `review` does.
        {"kind": "ready", "autonomy": "manual"},
    ),
    Verb("list_tasks", "tasks_list", "List what was asked of the studio, newest first."),
    Verb("show_task", "tasks_get", "Show one task, what serves it and how far that is."),
    Verb("list_runs", "runs_list", "List the runs that make videos, newest first."),
    Verb("show_run", "runs_get", "Show one run."),
    Verb("list_autonomous_runs", "autonomous_runs_list", "List the runs in which the studio plans by itself, newest first."),
    Verb("list_videos", "videos_list", "List the videos, newest first."),
    Verb("show_video", "videos_get", "Show one video and what it waits for."),
    Verb("list_approvals", "approvals_list", "List what waits for a person's decision, and what was decided."),
    Verb("show_approval", "approvals_get", "Show one question with its evidence. Its `manifest` is what a proposal is bound to."),
    Verb("propose_decision", "approvals_propose", "Propose a decision to the person who decides. It is shown to them and decides nothing."),
    Verb("list_incidents", "incidents_list", "List what went wrong, newest first."),
    Verb("list_channels", "channels_list", "List the channels."),
    Verb("list_trends", "trends_list", "List the topics that the studio follows, best scored first, with evidence and forecasts."),
    Verb("search_memory", "memory_search", "Search what a channel remembers by meaning: topics told, scripts or lessons."),
)
