"""JAX's words for shapes that do not fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# What JAX calls the operations that Python or NumPy call otherwise.
_NAMES = {"truediv": "div", "mod": "rem", "and_": "and", "or_": "or", "maximum": "max", "minimum": "min",
          "true_divide": "div", "divide": "div", "subtract": "sub", "multiply": "mul", "equal": "eq",
          "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge"}  # fmt: skip


class InconclusiveDimensionOperation(ValueError):
    """A shape that does not have as many elements as the array."""


class ConcretizationTypeError(TypeError):
    """A number of Python's is asked for where a gradient is wanted, which could not go through it."""

    def __init__(self, value: Any) -> None:
        super().__init__(
            f"Abstract tracer value encountered where concrete value is expected: {value} takes part in a gradient; "
            "keep it an array, or use jax.lax.stop_gradient.\n"
            f"See https://jax.readthedocs.io/en/latest/errors.html#jax.errors.{type(self).__name__}"
        )


class TracerArrayConversionError(ConcretizationTypeError):
    """A NumPy array is asked for where a gradient is wanted, which could not go through it."""


def of_operands(operation: Any, error: ValueError, a: Any, b: Any) -> Exception:
    """Return what JAX raises when a native operation of two arrays fails, or the error if shapes are not the reason."""
    shapes = [tuple(getattr(each, "shape", ())) for each in (a, b)]
    name = getattr(operation, "__name__", "")
    if name == "matmul":
        return _of_matmul(*shapes)
    if "broadcast" not in str(error):
        return error
    if len(shapes[0]) != len(shapes[1]):
        return of_broadcasting(*shapes)
    return TypeError(f"{_NAMES.get(name, name)} got incompatible shapes for broadcasting: {shapes[0]}, {shapes[1]}.")


def of_broadcasting(*shapes: tuple[int, ...]) -> ValueError:
    """Return the error of shapes that do not broadcast."""
    return ValueError(f"Incompatible shapes for broadcasting: shapes=[{', '.join(map(str, shapes))}]")


def of_target(shape: tuple[int, ...], wanted: tuple[int, ...]) -> ValueError:
    """Return the error of an array that does not broadcast to a shape."""
    return ValueError(f"Incompatible shapes for broadcasting: {shape} and requested shape {wanted}")


def _of_matmul(left: tuple[int, ...], right: tuple[int, ...]) -> Exception:
    for place, shape in enumerate((left, right)):
        if not shape:
            return ValueError(f"matmul input operand {place} must have ndim at least 1, but it has ndim 0")
    inner = right[-2] if len(right) > 1 else right[0]
    if left[-1] == inner:
        return of_broadcasting(left[:-2], right[:-2])
    return TypeError(
        f"dot_general requires contracting dimensions to have the same shape, got ({left[-1]},) and ({inner},)."
    )


def of_reshape(shape: tuple[int, ...], wanted: tuple[int, ...]) -> Exception:
    """Return the error of a shape with another number of elements."""
    if 0 in shape and 0 in wanted:
        return TypeError(f"reshape new_sizes must all be positive, got {wanted}.")
    return InconclusiveDimensionOperation(f"Cannot divide evenly the sizes of shapes {shape} and {wanted}")


def of_concatenation(shapes: Sequence[tuple[int, ...]], axis: int) -> TypeError:
    """Return the error of arrays that do not fit one after the other."""
    listed = ", ".join(map(str, shapes))
    if len({len(each) for each in shapes}) > 1:
        return TypeError(f"Cannot concatenate arrays with different numbers of dimensions: got {listed}.")
    return TypeError(
        "Cannot concatenate arrays with shapes that differ in dimensions other than the one being concatenated: "
        f"concatenating along dimension {axis} for shapes {listed}."
    )
