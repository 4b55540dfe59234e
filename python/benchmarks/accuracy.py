"""Measure the rounding errors of convolutions against float64, and write the table of `results/accuracy.md`.

Run ``python python/benchmarks/accuracy.py``. Data are like those inside a residual network: rectified normal numbers
as inputs, weights as He drew them, normal numbers as gradients. Every element is compared.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy

import swiftconv as sc

F = sc.nn.functional

# Name, batch, channels in and out, height and width; 3x3, stride 1, padding 1.
LAYERS = [
    ("ResNet-18 conv2", 8, 64, 64, 56),
    ("ResNet-18 conv3", 8, 128, 128, 28),
    ("ResNet-18 conv4", 8, 256, 256, 14),
    ("ResNet-18 conv5", 8, 512, 512, 7),
    ("ResNet-18 conv5, one image", 1, 512, 512, 7),
    ("VGG-11 conv2", 1, 64, 128, 112),
    ("VGG-11 conv4", 1, 256, 256, 56),
    ("VGG-11 conv6", 1, 512, 512, 28),
    ("AlexNet conv3", 8, 256, 384, 12),
    ("AlexNet conv4", 8, 384, 384, 12),
    ("book's ResNet-18, third", 32, 256, 256, 6),
    ("book's ResNet-18, last", 32, 512, 512, 3),
]
# The largest error that is allowed, as a share of the root of the mean square.
BOUNDS = {"y": 1e-5, "dx": 1e-5, "dw": 3e-5}


def passes(algorithm: str, x: sc.Tensor, weight: sc.Tensor, dy: sc.Tensor) -> dict[str, numpy.ndarray]:
    """Return the result of a convolution and both gradients, by an algorithm."""
    x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
    with sc.conv_algorithm(algorithm):
        y = F.conv2d(x, weight, padding=1)
        y.backward(dy)
    return {"y": y.detach().numpy(), "dx": x.grad.numpy(), "dw": weight.grad.numpy()}


def measure(seed: int, batch: int, ic: int, oc: int, size: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Return for each algorithm and pass the largest and the typical error."""
    rng = numpy.random.default_rng(seed)
    arrays = [
        numpy.maximum(rng.standard_normal((batch, ic, size, size)), 0),
        rng.standard_normal((oc, ic, 3, 3)) * numpy.sqrt(2 / (9 * ic)),
        rng.standard_normal((batch, oc, size, size)),
    ]
    singles = [array.astype(numpy.float32) for array in arrays]
    exact = passes("strict", *(sc.from_numpy(array.astype(numpy.float64)) for array in singles))
    errors = {}
    for algorithm in ("strict", "auto"):
        for name, found in passes(algorithm, *map(sc.from_numpy, singles)).items():
            error = numpy.abs(found - exact[name]) / numpy.sqrt((exact[name] ** 2).mean())
            errors[algorithm, name] = float(error.max()), float(numpy.sqrt((error**2).mean()))
    return errors


def main() -> None:
    """Measure all layers, write the table, and say which bounds do not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "accuracy.md")
    arguments = parser.parse_args()
    lines = [
        "# Rounding errors of float32 convolutions",
        "",
        "Largest error of all elements against float64, and in parentheses the root of the mean square error, as",
        "shares of the root of the mean square of the result. `strict` adds up the products of the definition, `auto`",
        "takes what the planner chooses. Made by `python python/benchmarks/accuracy.py`.",
        "",
        "| layer | pass | strict | auto | algorithm |",
        "|---|---|--:|--:|---|",
    ]
    missed = []
    for seed, (name, batch, ic, oc, size) in enumerate(LAYERS):
        errors = measure(seed, batch, ic, oc, size)
        plans = sc.explain((batch, ic, size, size), (oc, ic, 3, 3), padding=1)
        title = f"{name}: ({batch}, {ic}, {size}, {size}) to {oc}"
        for (which, bound), plan in zip(BOUNDS.items(), plans, strict=True):
            cells = [f"{errors[each, which][0]:.1e} ({errors[each, which][1]:.0e})" for each in ("strict", "auto")]
            lines.append(f"| {title} | {which} | {cells[0]} | {cells[1]} | {plan.algorithm} |")
            if errors["auto", which][0] > bound:
                missed.append(f"{title}: {which} {errors['auto', which][0]:.1e} is above {bound:.0e}")
    bounds = ", ".join(f"{name} {bound:.0e}" for name, bound in BOUNDS.items())
    lines += ["", f"Bounds: {bounds}. " + ("All hold." if not missed else "Not held: " + "; ".join(missed) + ".")]
    arguments.output.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
