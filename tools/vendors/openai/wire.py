"""The requests and responses that OpenAI's own SDK publishes for chat completions and for images."""

from typing import get_args

from openai.types import ImageModel, ImagesResponse
from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.image_generate_params import ImageGenerateParamsNonStreaming

REQUEST = CompletionCreateParamsNonStreaming
RESPONSE = ChatCompletion
IMAGE_REQUEST = ImageGenerateParamsNonStreaming
IMAGE_RESPONSE = ImagesResponse
# The types still name what was shut down on 2026-05-12 and 2026-10-23, and say so.
IMAGE_MODELS = frozenset(get_args(ImageModel)) - {"dall-e-2", "dall-e-3", "gpt-image-1"}
