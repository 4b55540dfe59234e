"""The libraries that are compared: which module each needs, and which class adapts it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field

from .peer import Peer


@dataclass(frozen=True)
class Entry:
    """A library: the modules it needs, its adapter, and what its process has in its environment."""

    modules: tuple[str, ...]
    adapter: str
    environment: dict[str, str] = field(default_factory=dict)


_KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(8 << 30), "MALLOC_TOP_PAD_": str(64 << 20)}

PEERS = {
    "swiftconv": Entry(("swiftconv",), "torch_like.SwiftConv"),
    "torch": Entry(("torch",), "torch_like.TensorPeer"),
    "torch_cl": Entry(("torch",), "torch_like.ChannelsLastTorch"),
    "torch_malloc": Entry(("torch",), "torch_like.StepsOnly", _KEEP_MEMORY),
    "torch_compile": Entry(("torch",), "torch_like.CompiledTorch"),
    "jax": Entry(("jax",), "jax_peer.Jax"),
    "tensorflow": Entry(("tensorflow",), "tensorflow_peer.TensorFlow"),
    "onnxruntime": Entry(("onnxruntime", "onnx"), "onnxruntime_peer.OnnxRuntime"),
    "opencv": Entry(("cv2",), "array_peers.OpenCV"),
    "scipy": Entry(("scipy",), "array_peers.SciPy"),
    "numpy": Entry(("numpy",), "array_peers.NumPy"),
}


def make(name: str, threads: int) -> Peer:
    """The adapter of a library, in whose environment this process must be."""
    module, adapter = PEERS[name].adapter.split(".")
    return getattr(importlib.import_module(f"{__name__}.{module}"), adapter)(threads)
