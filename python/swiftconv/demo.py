"""The chapter "Convolutions for Images" of Dive into Deep Learning, from end to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from . import nn
from .conversion import tensor
from .correlation import corr2d
from .creation import ones
from .random import manual_seed

if TYPE_CHECKING:
    from .tensor import Tensor

STEPS = 10
LEARNING_RATE = 0.03


class DemoError(Exception):
    """Something that keeps the demonstration from running, in one sentence for the user."""


@dataclass
class Learned:
    """What the training of a kernel left behind."""

    kernel: numpy.ndarray
    losses: list[float] = field(default_factory=list)
    path: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class Results:
    """Everything that the figure shows."""

    image: numpy.ndarray
    edges: numpy.ndarray
    turned: numpy.ndarray
    turned_edges: numpy.ndarray
    learned: Learned
    photo: numpy.ndarray
    vertical: numpy.ndarray
    horizontal: numpy.ndarray
    strength: numpy.ndarray


def run(image: Path | None, out: Path) -> None:
    """Print the chapter's numbers and save the figure.

    Parameters
    ----------
    image : Path, optional
        A photograph; without one, matplotlib's sample is used.
    out : Path
        Where the figure goes.

    Raises
    ------
    DemoError
        When matplotlib or Pillow is missing, the photograph cannot be read or the figure cannot be written.
    """
    try:
        import matplotlib  # noqa: F401
        import PIL  # noqa: F401
    except ImportError:
        raise DemoError(
            'the demonstration needs matplotlib and Pillow; install them with: pip install "swiftconv[demo]"'
        ) from None
    photo = _read_photo(image)
    _print_figure_of_the_book()
    shown = _edges_of_a_rectangle()
    learned = _learn(shown["image"], shown["edges"])
    found = _edges_of_a_photo(photo, learned)
    results = Results(**{name: each.numpy() for name, each in shown.items()}, learned=learned, photo=photo, **found)
    from ._figure import save

    try:
        save(results, out)
    except (OSError, ValueError) as error:
        raise DemoError(f"cannot save the figure as {out}: {error}") from None
    print(f"\nFigure: {out.resolve()}")


def _title(text: str) -> None:
    print(f"\n{text}\n{'-' * len(text)}")


def _read_photo(path: Path | None) -> numpy.ndarray:
    """A photograph in shades of grey, uint8 ``(H, W)``."""
    from PIL import Image

    if path is None:
        from matplotlib.cbook import get_sample_data

        source: Any = get_sample_data("grace_hopper.jpg")
    else:
        source = path
    try:
        with Image.open(source) as photo:
            pixels = numpy.asarray(photo.convert("L"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        reason = (
            error.strerror if isinstance(error, OSError) and error.strerror else "it is not an image that can be read"
        )
        raise DemoError(f"cannot open {path}: {reason}") from None
    if min(pixels.shape) < 2:
        raise DemoError(f"{path} is too small: {pixels.shape[1]} x {pixels.shape[0]} pixels, at least 2 x 2 are needed")
    return pixels


def _print_figure_of_the_book() -> None:
    _title("Cross-correlation")
    X = numpy.arange(9, dtype=numpy.float32).reshape(3, 3)
    K = numpy.arange(4, dtype=numpy.float32).reshape(2, 2)
    print(f"X =\n{X}\nK =\n{K}\ncorr2d(X, K) =\n{corr2d(X, K)}")


def _edges_of_a_rectangle() -> dict[str, Tensor]:
    _title("Edges")
    image = ones(6, 8)
    image[:, 2:6] = 0
    kernel = tensor([[1.0, -1.0]])
    edges, turned_edges = corr2d(image, kernel), corr2d(image.t(), kernel)
    print(f"image =\n{image}\ncorr2d(image, [[1, -1]]) =\n{edges}")
    print(f"The same kernel on the transposed image finds {int((turned_edges != 0).sum())} edges.")
    return {"image": image, "edges": edges, "turned": image.t(), "turned_edges": turned_edges}


def _learn(image: Tensor, edges: Tensor) -> Learned:
    """Learn the kernel that makes `edges` of `image`, by gradient descent from random numbers."""
    _title("Learning the kernel")
    manual_seed(1)
    layer = nn.LazyConv2d(1, kernel_size=(1, 2), bias=False)
    x, y = image.reshape(1, 1, 6, 8), edges.reshape(1, 1, 6, 7)
    result = Learned(kernel=numpy.zeros((1, 2)))
    for step in range(1, STEPS + 1):
        loss = ((layer(x) - y) ** 2).sum()
        result.losses.append(loss.item())
        result.path.append(tuple(layer.weight.detach().reshape(2).tolist()))
        layer.zero_grad()
        loss.backward()
        layer.weight.data[:] -= LEARNING_RATE * layer.weight.grad
        if step % 2 == 0:
            print(f"step {step:2d}, loss {loss:.3f}")
    result.kernel = layer.weight.detach().reshape(1, 2).numpy()
    result.path.append(tuple(result.kernel[0].tolist()))
    left, right = result.kernel[0]
    print(f"learned kernel [{left:.3f}, {right:.3f}], wanted [1, -1]")
    return result


def _edges_of_a_photo(photo: numpy.ndarray, learned: Learned) -> dict[str, numpy.ndarray]:
    _title("Edges of a photograph")
    # The pixels are read where Pillow put them, as bytes; the transposed kernel is a view.
    vertical = corr2d(photo, learned.kernel)
    horizontal = corr2d(photo, learned.kernel.T)
    across = tensor(vertical)[:-1, :]
    down = tensor(horizontal)[:, :-1]
    strength = (across**2 + down**2).sqrt()
    height, width = photo.shape
    print(f"{width} x {height} pixels; the strongest edge is a difference of {strength.max():.0f} shades of grey")
    return {"vertical": vertical, "horizontal": horizontal, "strength": strength.numpy()}
