"""What all probes share: the clock around the question, the judgement of a failure, and the gateway with nothing to pay."""

from collections.abc import Callable

from pydantic import SecretStr

from infra.errors import StudioError
from infra.settings import Settings
from memory.repositories.platform_channels import ConsentEnded
from memory.repositories.switches import Stopped
from tools.base import ToolContext, ToolError, ToolPaused, ToolRetry
from tools.fetch import SourceRefused
from tools.fetch_pace import RateLimited
from tools.gateway import Answer, CallRejected, CallTurnedAway, PaidCall, open_gateway
from tools.probe_provider.schema import ProbeArgs, ProbeResult, Trouble
from tools.vendors.language import ModelUnknown
from tools.vendors.speech import QuotaSpent, VoiceBarred
from tools.vendors.youtube.errors import ReauthoriseNeeded

_LONGEST = 400
_KINDS: tuple[tuple[tuple[type[StudioError], ...], Trouble], ...] = (
    ((Stopped,), "stopped"),
    ((ModelUnknown, VoiceBarred), "model"),
    ((QuotaSpent,), "credit"),
    ((ReauthoriseNeeded, ConsentEnded), "consent"),
    ((RateLimited, ToolPaused), "busy"),
)


def probed(ctx: ToolContext, ask: Callable[[], str]) -> ProbeResult:
    """Ask, and tell what came of it; a failure is a result, since it is what the probe was made to find out."""
    ctx.ensure_live()
    began = ctx.clock.monotonic()
    trouble: Trouble = ""
    try:
        said = ask()
    except StudioError as error:
        said, trouble = error.message, trouble_of(error)
    took = round(1000 * (ctx.clock.monotonic() - began))
    return ProbeResult(ok=not trouble, said=without_secrets(said, ctx.settings)[:_LONGEST], trouble=trouble, ms=max(0, took))


def ask_through_gateway(args: ProbeArgs, ctx: ToolContext, credential: str, questions: dict[str, Callable[[], str]]) -> str:
    """Ask each question, by the name of what it does, through the gateway: switches, circuits and the book of calls hold for probes too."""
    said = []
    with open_gateway(ctx) as gateway:
        for operation, question in questions.items():
            paid = PaidCall(args.provider, f"probe.{operation}", {"of": args.subject}, 0, endpoint="probe", credential=credential, attempts=1)
            said.append(str(gateway.call(paid, _free(question))))
    return "; ".join(said)


def _free(question: Callable[[], str]) -> Callable[[], Answer]:
    def make() -> Answer:
        try:
            return Answer(question(), 0)
        except (CallRejected, CallTurnedAway):
            raise
        # Reading what an account may do is never charged, however it ends; nothing is left to be looked into.
        except ToolError as error:
            raise CallRejected(error.message, **{**error.details, "trouble": trouble_of(error)}) from error
        except ToolRetry as error:
            raise CallTurnedAway(error.message, after_s=error.after_s, **{**error.details, "trouble": trouble_of(error)}) from error

    return make


def trouble_of(error: StudioError) -> Trouble:
    """Return what kind of trouble an error of a provider's client is."""
    told = error.details.get("trouble")
    if told:
        return told  # type: ignore[return-value]
    kind: Trouble = next((trouble for types, trouble in _KINDS if isinstance(error, types)), "")
    return kind or _by_status(error)


def _by_status(error: StudioError) -> Trouble:
    status = error.details.get("status")
    if status == 402 or "no credit left" in error.message:
        return "credit"
    # Pixabay answers 400 to a wrong key.
    if status in {401, 403} or isinstance(error, SourceRefused):
        return "key"
    if error.retryable:
        return "busy" if status == 429 or getattr(error, "after_s", None) is not None else "network"
    return "model" if isinstance(error, CallRejected) and status is None else "other"


def without_secrets(text: str, settings: Settings) -> str:
    """Return the text with every secret of the settings hidden, since some providers repeat a refused key in their answer."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        secret = value.get_secret_value() if isinstance(value, SecretStr) else ""
        if secret:
            text = text.replace(secret, "(hidden)")
    return text
