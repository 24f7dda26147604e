"""The request and response that Anthropic's own SDK publishes for messages."""

from anthropic.types import Message
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

REQUEST = MessageCreateParamsNonStreaming
RESPONSE = Message
