"""`/v1/personalities`: who a channel may begin as, with what that looks and sounds like."""

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.channels.samples import ENDINGS, MEDIA_TYPES, Kind, personality_of, sample_of
from api.channels.schemas import Font, Pace, Palette, PersonalityList, PersonalityView
from api.http.files import stored_file
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import State
from api.http.versions import answer
from memory.personality import Personality, load_personalities

router = APIRouter(tags=["channels"])
Reader = Annotated[Principal, Require("channels:read")]
_WORDS = ("id", "name", "tagline", "niche", "language", "tone", "format", "cadence_per_week")
_BYTES: dict[str, Any] = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The whole file.", **_BYTES},
    206: {"description": "The range that was asked for.", **_BYTES},
    304: {"description": "The client has it."},
    **problems(404, 416, 502),
}


@router.get("/v1/personalities", response_model=PersonalityList)
async def personalities_list(request: Request, who: Reader) -> Response:  # noqa: ARG001 - asked for, not read
    """List the personalities that a channel may begin with."""
    return answer(request, _personalities())


@router.get("/v1/personalities/{personality_id}/samples/{kind}", response_class=Response, responses=_FILE)
async def personalities_sample(
    request: Request,
    state: State,
    who: Reader,  # noqa: ARG001 - asked for, not read
    personality_id: Annotated[str, Path(pattern=r"^[a-z0-9-]{1,64}$")],
    kind: Kind,
) -> Response:
    """Return a thumbnail (`still`) in a personality's look, or a few sentences in its voice (`voice`); made when first asked for, which may take a minute."""
    personality = personality_of(personality_id)
    digest = await sample_of(state, personality, kind)
    made = stored_file(request, state, digest, (MEDIA_TYPES[kind], f"{personality.id}.{ENDINGS[kind]}"))
    # Its address does not name its content: another version of the studio may look and sound otherwise.
    made.headers["cache-control"] = "private, no-cache"
    return made


@cache
def _personalities() -> bytes:
    return PersonalityList(items=[_view(one) for one in load_personalities().values()]).model_dump_json().encode()


def _view(one: Personality) -> PersonalityView:
    here = f"/v1/personalities/{one.id}/samples"
    return PersonalityView(
        **{name: getattr(one, name) for name in _WORDS},
        palette=Palette(**{name: getattr(one.look, name) for name in Palette.model_fields}),
        font=Font(**{name: getattr(one.look, name) for name in Font.model_fields}),
        voice=Pace(name=one.voice.name, words_per_minute=one.voice.words_per_minute),
        sample_still=f"{here}/still",
        voice_sample=f"{here}/voice",
    )
