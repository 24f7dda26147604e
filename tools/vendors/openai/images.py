"""OpenAI's images endpoint through its own SDK: one picture for one description."""

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

import openai
from openai.types import ImagesResponse

from infra.settings import Settings
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, credential_tag
from tools.vendors.language import Usage
from tools.vendors.openai.client import status_error

_MODERATED = frozenset({"moderation_blocked", "content_policy_violation"})


@dataclass(frozen=True)
class Order:
    """What is asked for: a description, a size `WIDTHxHEIGHT` in pixels, and a quality (low, medium, high)."""

    prompt: str
    size: str
    quality: Literal["low", "medium", "high"]


@dataclass(frozen=True)
class Delivered:
    """What came back: the bytes of an image file (empty when there were none) and the reported usage (None when there was none)."""

    data: bytes
    usage: Usage | None


class OpenAIImages:
    """One image model of OpenAI, or of a compatible server when a base URL is set."""

    provider = "openai"

    def __init__(self, settings: Settings) -> None:
        key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
        if not settings.images_model:
            raise ToolError("YTEMPIRE_IMAGES_MODEL: no image model is configured; name one, gpt-image-2.5-flare for instance")
        if not key and not settings.openai_base_url:
            raise ToolError("openai_api_key: not set; set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, to have pictures made")
        self.model = settings.images_model
        self._base_url = settings.openai_base_url
        self._key = key or "unused"
        self.credential = credential_tag(self._key)

    def generate(self, order: Order, timeout_s: float) -> Delivered:
        """Return one picture; one request, no retries (the job retries). Source: https://platform.openai.com/docs/api-reference/images/create."""
        with openai.OpenAI(api_key=self._key, base_url=self._base_url, max_retries=0, timeout=timeout_s) as client:
            try:
                answer = client.images.generate(
                    model=self.model,
                    prompt=order.prompt,
                    size=order.size,
                    quality=order.quality,
                    n=1,
                    output_format="jpeg",
                    moderation="auto",
                )
                return _delivered(answer)
            except openai.APIStatusError as error:
                if error.code in _MODERATED:
                    raise CallRejected(f"{self.model}: the provider's moderation refused the description; describe something else", status=400) from error
                raise status_error(error, self.model) from error
            except openai.APIConnectionError as error:
                raise ToolRetry(f"{self.model}: the connection to the server broke ({error})") from error
            except (openai.OpenAIError, ValueError, TypeError, KeyError, AttributeError) as error:
                raise ToolRetry(f"{self.model}: the server answered something that is not a picture ({type(error).__name__})") from error


def _delivered(answer: ImagesResponse) -> Delivered:
    text = (answer.data[0].b64_json or "") if answer.data else ""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    used = answer.usage
    if used is None:
        return Delivered(data, None)
    details = used.output_tokens_details
    images = details.image_tokens if details is not None else used.output_tokens
    return Delivered(data, Usage(input_tokens=used.input_tokens, output_tokens=used.output_tokens, output_image_tokens=images))
