"""Who may let something be published with less of a person's say than its channel asks for: every door of the service asks here."""

from collections.abc import Mapping

from api.http.principal import Principal
from api.http.refusals import NotAllowed
from graphs.levels import is_freer

DECIDES = "approvals:decide"


class LevelNotAllowed(NotAllowed):
    """A freer level than the channel's own was asked for by somebody who may not decide."""

    code = "level_not_allowed"


def may_decide(who: Principal) -> bool:
    """Whether this is a person who signed in and may decide; a program never may, whatever its token was given."""
    return who.via == "session" and DECIDES in who.scopes


def ensure_level(who: Principal, wanted: str | None, levels: Mapping[str, str], field: str = "autonomy") -> None:
    """Raise LevelNotAllowed when somebody who may not decide wants a freer level than a channel has (`levels` by id); None is each channel's own.

    The refusal names the field, the channel, what it has and who can.
    """
    if wanted is None or may_decide(who):
        return
    for channel, has in sorted(levels.items()):
        if not is_freer(wanted, has):
            continue
        said = f"{field}: {wanted!r} leaves less to a person than the channel {channel}, which has {has!r}"
        fix = f"leave it out or ask for {has!r} or stricter; only a signed-in person with {DECIDES} may ask for more, and no program's token may"
        raise LevelNotAllowed(f"{said}; {fix}", field=field, channel=channel, has=has, wanted=wanted, permission=DECIDES)
