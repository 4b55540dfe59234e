"""Gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from .._core import TensorBase, from_buffer
from .._dtype import float64
from ..random import default_generator
from .engine import grad
from .grad_mode import enable_grad

if TYPE_CHECKING:
    from ..tensor import Tensor

# How many random weighted sums of the results are differentiated; one wrong element shows in almost every one.
_PROJECTIONS = 3


class GradcheckError(RuntimeError):
    """What `gradcheck` and `gradgradcheck` raise: where a gradient differs from finite differences, and by how much.

    Example
    -------
    >>> issubclass(sc.autograd.GradcheckError, RuntimeError)
    True
    """


def gradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    *,
    nondet_tol: float = 0.0,
    fast_mode: bool = False,
) -> bool:
    r"""Compare gradients with differences :math:`(f(x + \epsilon e) - f(x - \epsilon e)) / 2 \epsilon`.

    The results are reduced to a few random weighted sums, which are differentiated by `grad` and, element by element of
    the inputs, by differences.

    Parameters
    ----------
    func : callable
        Takes `inputs` and returns a tensor or a tuple of them; must not be random.
    inputs : Tensor or sequence
        The arguments. Those that require grad are checked, and must be float64.
    eps : float
        :math:`\epsilon`.
    atol, rtol : float
        A gradient may be off by ``atol + rtol * |difference|``.
    raise_exception : bool
        Raise when the check fails, instead of returning False.
    nondet_tol : float
        How far two backward passes may differ.
    fast_mode : bool
        Compare only along one random direction of each input: two calls of `func` instead of two for each element.

    Returns
    -------
    bool
        Whether all gradients are right.

    Raises
    ------
    GradcheckError
        With the place, the gradient and the difference.
    ValueError
        When no input requires grad, or one that does is not float64.

    Source
    ------
    PyTorch's ``torch.autograd.gradcheck`` (the interface).

    Example
    -------
    >>> x = sc.rand(3, dtype=sc.float64, requires_grad=True)
    >>> sc.autograd.gradcheck(sc.exp, x)
    True
    """
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    places = _checked_places(arguments, "gradcheck")
    try:
        _check(func, arguments, places, eps, (atol, rtol), nondet_tol, fast_mode)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Tensor | Sequence[Any],
    grad_outputs: Tensor | Sequence[Tensor] | None = None,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    *,
    nondet_tol: float = 0.0,
    fast_mode: bool = False,
) -> bool:
    """Compare second derivatives with finite differences of the first ones.

    Parameters
    ----------
    grad_outputs : Tensor or sequence of Tensor, optional
        The gradients of the results at which to check; random if left out.
    func, inputs, eps, atol, rtol, raise_exception, nondet_tol, fast_mode
        As for `gradcheck`.

    Returns
    -------
    bool
        Whether all second derivatives are right.

    Raises
    ------
    GradcheckError
        With the place, the second derivative and the difference.

    Example
    -------
    >>> x = sc.rand(3, dtype=sc.float64, requires_grad=True)
    >>> sc.autograd.gradgradcheck(sc.exp, x)
    True
    """
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    places = _checked_places(arguments, "gradgradcheck")
    count = len(arguments)
    if grad_outputs is None:
        outputs = _outputs(func, arguments)
        cotangents = tuple(_normal(tuple(each.shape)).requires_grad_() for each in outputs)
    else:
        cotangents = tuple(grad_outputs) if isinstance(grad_outputs, (tuple, list)) else (grad_outputs,)

    def gradients(*values: Any) -> tuple[Tensor, ...]:
        leaves = [values[place] for place in places]
        outputs = _outputs(func, values[:count])
        pairs = [pair for pair in zip(outputs, values[count:], strict=True) if pair[0].requires_grad]
        if not pairs:
            return tuple(leaf * 0 for leaf in leaves)
        roots, weights = zip(*pairs, strict=True)
        found = grad(roots, leaves, weights, create_graph=True, allow_unused=True)
        return tuple(leaf * 0 if each is None else each for each, leaf in zip(found, leaves, strict=True))

    everything = (*arguments, *cotangents)
    options = {"nondet_tol": nondet_tol, "fast_mode": fast_mode}
    return gradcheck(gradients, everything, eps, atol, rtol, raise_exception, **options)


def _checked_places(arguments: tuple[Any, ...], name: str) -> list[int]:
    """Which arguments are differentiated."""
    places = [i for i, each in enumerate(arguments) if isinstance(each, TensorBase) and each.requires_grad]
    if not places:
        raise ValueError(f"{name}: no input requires grad; write requires_grad=True where you make it")
    for place in places:
        if arguments[place].dtype is not float64:
            raise ValueError(
                f"{name}: input {place} is {arguments[place].dtype}, and differences in it would be too rough; "
                "use float64, as in x.double()"
            )
    return places


def _outputs(func: Callable[..., Any], arguments: Sequence[Any]) -> list[Tensor]:
    """The floating-point results."""
    with enable_grad():
        result = func(*arguments)
    several = result if isinstance(result, (tuple, list)) else (result,)
    found = [each for each in several if isinstance(each, TensorBase) and each.dtype.is_floating_point]
    if not found:
        raise ValueError("gradcheck: the function returned no floating-point tensor")
    return found


def _normal(shape: tuple[int, ...]) -> Tensor:
    return from_buffer(numpy.asarray(default_generator().standard_normal(shape)))


def _values(outputs: Sequence[Tensor]) -> list[numpy.ndarray]:
    return [each.detach().numpy().astype(numpy.float64) for each in outputs]


def _check(
    func: Callable[..., Any],
    arguments: tuple[Any, ...],
    places: list[int],
    eps: float,
    tolerance: tuple[float, float],
    nondet_tol: float,
    fast_mode: bool,
) -> None:
    outputs = _outputs(func, arguments)
    weights = [[_normal(tuple(each.shape)) for each in outputs] for _ in range(_PROJECTIONS)]
    found = [_gradients(func, arguments, places, number, weights) for number in range(len(outputs))]
    _check_repeatable(func, arguments, places, weights, found, nondet_tol)
    for position, place in enumerate(places):
        leaf = arguments[place].detach().numpy()
        direction = _unit(leaf.shape) if fast_mode else None
        steps = [None] if fast_mode else list(numpy.ndindex(*leaf.shape))
        differences = numpy.zeros((len(outputs), _PROJECTIONS, len(steps)))
        for column, step in enumerate(steps):
            change = _change(func, arguments, place, step, direction, eps)
            for number, each in enumerate(change):
                for row in range(_PROJECTIONS):
                    differences[number, row, column] = (weights[row][number].numpy() * each).sum()
        for number in range(len(outputs)):
            for row in range(_PROJECTIONS):
                gradient = found[number][row][position]
                claimed = gradient.reshape(-1) if direction is None else numpy.array([(gradient * direction).sum()])
                _compare(claimed, differences[number, row], steps, tolerance, number, place, leaf.shape)


def _gradients(
    func: Callable[..., Any], arguments: tuple[Any, ...], places: list[int], number: int, weights: list[list[Tensor]]
) -> list[list[numpy.ndarray]]:
    """For each weighted sum of a result, the gradient of each checked input; zero for one it does not depend on."""
    leaves = [arguments[place] for place in places]
    result = []
    output = _outputs(func, arguments)[number]
    for row in weights:
        found: Sequence[Any] = [None] * len(leaves)
        if output.requires_grad:
            weight = row[number].to(output.dtype)
            found = grad(output, leaves, weight, retain_graph=True, allow_unused=True)
        result.append(
            [
                numpy.zeros(tuple(leaf.shape)) if each is None else each.detach().numpy()
                for each, leaf in zip(found, leaves, strict=True)
            ]
        )
    return result


def _check_repeatable(
    func: Callable[..., Any],
    arguments: tuple[Any, ...],
    places: list[int],
    weights: list[list[Tensor]],
    found: list[list[list[numpy.ndarray]]],
    allowed: float,
) -> None:
    for number, rows in enumerate(found):
        again = _gradients(func, arguments, places, number, weights[:1])
        for place, first, second in zip(places, rows[0], again[0], strict=True):
            if first.size and numpy.abs(first - second).max() > allowed:
                raise GradcheckError(
                    f"gradcheck: the gradient of output {number} for input {place} differs between two backward passes "
                    f"by {numpy.abs(first - second).max():.3g}; a function that is checked must not be random"
                )


def _unit(shape: tuple[int, ...]) -> numpy.ndarray:
    direction = default_generator().standard_normal(shape)
    return direction / max(float(numpy.sqrt((direction**2).sum())), 1e-300)


def _change(
    func: Callable[..., Any],
    arguments: tuple[Any, ...],
    place: int,
    step: tuple[int, ...] | None,
    direction: numpy.ndarray | None,
    eps: float,
) -> list[numpy.ndarray]:
    """The central difference of every result along an element of an input, or along a direction."""
    sides = []
    for sign in (1, -1):
        moved = arguments[place].detach().numpy().copy()
        if step is None:
            moved += sign * eps * direction
        else:
            moved[step] += sign * eps
        changed = from_buffer(moved).requires_grad_()  # type: ignore[attr-defined]
        sides.append(_values(_outputs(func, (*arguments[:place], changed, *arguments[place + 1 :]))))
    return [(up - down) / (2 * eps) for up, down in zip(*sides, strict=True)]


def _compare(
    claimed: numpy.ndarray,
    differences: numpy.ndarray,
    steps: list[Any],
    tolerance: tuple[float, float],
    number: int,
    place: int,
    shape: tuple[int, ...],
) -> None:
    atol, rtol = tolerance
    excess = numpy.abs(claimed - differences) - (atol + rtol * numpy.abs(differences))
    wrong = ~(excess <= 0)
    if not wrong.any():
        return
    worst = int(numpy.argmax(numpy.where(numpy.isnan(excess), numpy.inf, excess)))
    where = "along a random direction" if steps[worst] is None else f"at {list(steps[worst])}"
    raise GradcheckError(
        f"gradcheck: the gradient of output {number} for input {place} of shape {shape} is wrong {where}: "
        f"backward says {claimed[worst]:.8g}, differences say {differences[worst]:.8g} "
        f"({int(wrong.sum())} of {wrong.size} elements are off by more than {atol:g} + {rtol:g} * |difference|; "
        "a random weighted sum of the output was differentiated)"
    )
