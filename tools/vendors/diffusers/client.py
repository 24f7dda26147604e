"""The only door to diffusers and torch: a text-to-image pipeline from files on this machine, loaded on first use."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import huggingface_hub
import torch
from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
from PIL import Image

from infra.ids import json_digest
from infra.log import get_logger
from infra.settings import Settings
from tools.base import ToolError

_LOCK = threading.Lock()
_log = get_logger("diffusers")


@dataclass(frozen=True)
class Wish:
    """What to paint, what to leave out, the size in pixels and the seed."""

    prompt: str
    avoid: str
    width: int
    height: int
    seed: int


@dataclass(frozen=True)
class Painted:
    """A picture; `withheld` when the pipeline's safety checker blacked it out, `checked` when there was one."""

    image: Image.Image
    checked: bool
    withheld: bool


class Painter:
    """One pipeline. half precision and offloading only where there is a CUDA device; nothing is ever downloaded here."""

    def __init__(self, settings: Settings) -> None:
        self.model = settings.diffusers_model
        self.steps = settings.diffusers_steps
        self.guidance = settings.diffusers_guidance
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self._offload = settings.diffusers_offload and self.device == "cuda"
        self._pipeline = self._load()
        self.revision = json_digest({name: str(value) for name, value in self._pipeline.config.items()})[:16]

    def paint(self, wish: Wish, report: Callable[[int, int], None]) -> Painted:
        """Paint one picture; `report` is called after each step and may raise to stop it."""

        def each(_pipeline: Any, step: int, _time: Any, values: dict[str, Any]) -> dict[str, Any]:
            report(step + 1, self.steps)
            return values

        try:
            answer = self._pipeline(
                prompt=wish.prompt,
                negative_prompt=wish.avoid or None,
                width=wish.width,
                height=wish.height,
                num_inference_steps=self.steps,
                guidance_scale=self.guidance,
                generator=torch.Generator("cpu").manual_seed(wish.seed),
                callback_on_step_end=each,
            )
        except torch.cuda.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise ToolError(
                f"paint_picture: {wish.width}x{wish.height} does not fit the GPU's memory; set YTEMPIRE_DIFFUSERS_OFFLOAD=true or take a smaller model",
                model=self.model,
            ) from error
        flags = getattr(answer, "nsfw_content_detected", None)
        return Painted(answer.images[0].convert("RGB"), checked=flags is not None, withheld=bool(flags and flags[0]))

    def _load(self) -> Any:
        kind = torch.float16 if self.device == "cuda" else torch.float32
        folder = self._folder()
        try:
            pipeline: Any = diffusers.AutoPipelineForText2Image.from_pretrained(folder, dtype=kind, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError) as error:
            said = f"{folder} holds no complete text-to-image pipeline in safetensors; copy the whole folder of the model"
            raise ToolError(f"YTEMPIRE_DIFFUSERS_MODEL: {said} ({str(error)[:200]})", model=self.model) from error
        pipeline.set_progress_bar_config(disable=True)
        if self._offload:
            pipeline.enable_model_cpu_offload()
        else:
            pipeline.to(self.device)
        _log.info("painter.loaded", model=self.model, device=self.device, offload=self._offload)
        return pipeline

    def _folder(self) -> str:
        """Return where the model's files lie: the named folder, else the hub's local cache."""
        named = Path(self.model).expanduser()
        if named.is_dir():
            return str(named)
        try:
            return str(huggingface_hub.snapshot_download(self.model, local_files_only=True))  # nosec B615 # nothing is fetched
        except (LocalEntryNotFoundError, HFValidationError) as error:
            said = f"{self.model!r} is not on this machine; fetch it once with `hf download {self.model}`, or name a folder that holds it"
            raise ToolError(f"YTEMPIRE_DIFFUSERS_MODEL: {said}", model=self.model) from error


_PAINTERS: dict[tuple[object, ...], Painter] = {}


def shared_painter(settings: Settings) -> Painter:
    """Return this process's painter for the configured model, loading it on first use; raises `ToolError` naming what is missing."""
    if not settings.diffusers_model:
        raise ToolError("YTEMPIRE_DIFFUSERS_MODEL: no text-to-image model is configured; name a folder or a downloaded model")
    key = (settings.diffusers_model, settings.diffusers_steps, settings.diffusers_guidance, settings.diffusers_offload)
    with _LOCK:
        if key not in _PAINTERS:
            _PAINTERS.clear()
            _PAINTERS[key] = Painter(settings)
        return _PAINTERS[key]
