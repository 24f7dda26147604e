"""The request and response that OpenAI's own SDK publishes for chat completions."""

from openai.types.chat import ChatCompletion
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

REQUEST = CompletionCreateParamsNonStreaming
RESPONSE = ChatCompletion
