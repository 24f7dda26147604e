"""What each role may do: every permission of the service in one table, and which of them a program's token never has."""

from dataclasses import dataclass

ROLES = ("viewer", "operator", "admin")


@dataclass(frozen=True)
class Permission:
    """One permission `noun:verb`: the least role that has it, and whether only a person who signed in may use it."""

    name: str
    least: str
    meaning: str
    person_only: bool = False

    def is_of(self, role: str) -> bool:
        """Whether a role has it; each role has what the ones before have."""
        return role in ROLES and ROLES.index(role) >= ROLES.index(self.least)


_TABLE = (
    # Everybody who is let in.
    Permission("me:read", "viewer", "see one's own account, sessions and tokens"),
    Permission("me:edit", "viewer", "change one's own password and tokens, end one's own sessions", person_only=True),
    Permission("live:read", "viewer", "be told of events as they happen"),
    Permission("channels:read", "viewer", "see channels, their schedules and personalities"),
    Permission("accounts:read", "viewer", "see connected accounts of platforms"),
    Permission("videos:read", "viewer", "see and play videos and their files"),
    Permission("runs:read", "viewer", "see runs, their traces and timelines"),
    Permission("tasks:read", "viewer", "see tasks"),
    Permission("approvals:read", "viewer", "see what waits for a decision"),
    Permission("trends:read", "viewer", "see topics, evidence and forecasts"),
    Permission("memory:read", "viewer", "search what the studio remembers"),
    Permission("costs:read", "viewer", "see costs and limits"),
    Permission("analytics:read", "viewer", "see figures of channels and videos"),
    Permission("incidents:read", "viewer", "see incidents"),
    Permission("quotas:read", "viewer", "see quotas"),
    Permission("settings:read", "viewer", "see settings"),
    Permission("payments:read", "viewer", "see the plan and how much of it is used"),
    Permission("metrics:read", "viewer", "read the metrics of the service"),
    # Whoever runs the studio day by day.
    Permission("channels:edit", "operator", "pause channels, set budgets, schedules and degrees of control"),
    Permission("accounts:check", "operator", "ask a platform whether the consent of an account still holds"),
    Permission("videos:edit", "operator", "edit, reschedule and pull back videos"),
    Permission("runs:start", "operator", "start runs"),
    Permission("runs:stop", "operator", "stop, pause and resume runs"),
    Permission("tasks:create", "operator", "inject tasks"),
    Permission("tasks:cancel", "operator", "cancel and replay tasks"),
    Permission("approvals:propose", "operator", "propose a decision to whoever decides"),
    Permission("approvals:decide", "operator", "decide on what waits for approval", person_only=True),
    Permission("incidents:handle", "operator", "acknowledge, resolve and reverse incidents"),
    Permission("memory:delete", "operator", "make the studio forget by source", person_only=True),
    Permission("lessons:decide", "operator", "decide on proposed changes of personalities", person_only=True),
    Permission("switches:engage", "operator", "stop paid calls and publishing"),
    # Whoever answers for the studio.
    Permission("switches:release", "admin", "let stopped calls and publishing go on", person_only=True),
    Permission("channels:create", "admin", "create channels"),
    Permission("accounts:connect", "admin", "connect and revoke accounts of platforms", person_only=True),
    Permission("costs:limit", "admin", "change limits of costs", person_only=True),
    Permission("settings:edit", "admin", "change settings", person_only=True),
    Permission("payments:manage", "admin", "choose a plan and pay", person_only=True),
    Permission("webhooks:read", "admin", "see where events are sent, and what came of it"),
    Permission("webhooks:manage", "admin", "say where events are sent, and send them again", person_only=True),
    Permission("users:read", "admin", "see who is let in"),
    Permission("users:manage", "admin", "let people in and out, and say what they may do", person_only=True),
    Permission("audit:read", "admin", "read the audit trail"),
)
PERMISSIONS = {one.name: one for one in _TABLE}


def permissions_of(role: str) -> frozenset[str]:
    """Return what a person of this role may do; nothing for a role that is not known."""
    return _BY_ROLE.get(role, frozenset())


def permissions_of_token(role: str, scopes: frozenset[str]) -> frozenset[str]:
    """Return what a program may do: what its token was given, of what its owner may do now, and nothing that is for people only."""
    return frozenset(name for name in scopes & permissions_of(role) if not PERMISSIONS[name].person_only)


_BY_ROLE = {role: frozenset(one.name for one in _TABLE if one.is_of(role)) for role in ROLES}
