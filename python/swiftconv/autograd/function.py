"""Operations with a gradient rule written in Python."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from .. import _core
from .._core import TensorBase
from .grad_mode import is_grad_enabled, no_grad

if TYPE_CHECKING:
    from ..tensor import Tensor


class FunctionCtx:
    """What a `Function` remembers between its ``forward`` and its ``backward``.

    Anything that is not a tensor can be made an attribute; tensors go through `save_for_backward`, which notices when
    they are modified in the meantime.

    Attributes
    ----------
    needs_input_grad : tuple of bool
        For each argument of ``forward`` whether it is a tensor that requires grad.

    Example
    -------
    >>> sorted(name for name in vars(sc.autograd.FunctionCtx) if name.startswith("save"))
    ['save_for_backward', 'saved_tensors']
    """

    def __init__(self, name: str, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self._name = name
        self._to_save: tuple[Any, ...] = ()
        self._saved: list[_Saved] = []
        self._marked: tuple[Any, ...] = ()
        self._dirty: tuple[Any, ...] = ()
        self._makes_zeros = True
        self._results: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep arguments, results and tensors in between; `saved_tensors` gives them back.

        Example
        -------
        >>> class Square(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.save_for_backward(x)
        ...         return x * x
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         (x,) = ctx.saved_tensors
        ...         return 2 * x * gradient
        >>> x = sc.tensor([3.0], requires_grad=True)
        >>> Square.apply(x).backward()
        >>> x.grad
        tensor([6.])
        """
        for tensor in tensors:
            if tensor is not None and not isinstance(tensor, TensorBase):
                raise TypeError(
                    f"save_for_backward: expected tensors, got {type(tensor).__name__}; make it an attribute of ctx"
                )
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What `save_for_backward` was given.

        Raises
        ------
        RuntimeError
            When one of the tensors has been modified in place since.

        Example
        -------
        >>> class Product(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x, y):
        ...         ctx.save_for_backward(x, y)
        ...         return x * y
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         x, y = ctx.saved_tensors
        ...         return gradient * y, gradient * x
        >>> x, y = sc.tensor([3.0], requires_grad=True), sc.tensor([5.0], requires_grad=True)
        >>> Product.apply(x, y).backward()
        >>> x.grad, y.grad
        (tensor([5.]), tensor([3.]))
        """
        return tuple(saved.tensor(self) for saved in self._saved)

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say that these results of ``forward`` have no gradient; ``backward`` sees zeros for them.

        Example
        -------
        >>> class Sorted(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         place = x.argmax()
        ...         ctx.mark_non_differentiable(place)
        ...         return x.max(), place
        >>> x = sc.tensor([1.0, 4.0], requires_grad=True)
        >>> [result.requires_grad for result in Sorted.apply(x)]
        [True, False]
        """
        self._marked = tensors

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say that ``forward`` modified these arguments in place; it must return each of them.

        Example
        -------
        >>> class Twice(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.mark_dirty(x)
        ...         return x.mul_(2)
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         return gradient * 2
        >>> x = sc.ones(1, requires_grad=True)
        >>> y = x + 0
        >>> Twice.apply(y) is y
        True
        >>> y.backward()
        >>> x.grad
        tensor([2.])
        """
        self._dirty = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether ``backward`` sees zeros for results that have no gradient, as it does at first, or None.

        Example
        -------
        >>> class Parts(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         ctx.set_materialize_grads(False)
        ...         return x * 2, x * 3
        ...
        ...     @staticmethod
        ...     def backward(ctx, twice, thrice):
        ...         return None if twice is None else 2 * twice
        >>> x = sc.ones(1, requires_grad=True)
        >>> Parts.apply(x)[0].backward()
        >>> x.grad
        tensor([2.])
        """
        self._makes_zeros = bool(value)


class _Saved:
    """A saved tensor: itself, or the number of the result that it is.

    A result is not held here: it holds the record, the record holds the context, and nothing could free the three.
    """

    def __init__(self, tensor: Any, number: int | None) -> None:
        self._number = number
        self._tensor = None if number is not None else tensor
        self._version = None if tensor is None or number is not None else tensor._version

    def tensor(self, ctx: FunctionCtx) -> Any:
        if self._number is not None:
            return ctx._results[self._number]
        if self._tensor is not None and self._tensor._version != self._version:
            raise RuntimeError(
                f"backward: a tensor of shape {tuple(self._tensor.shape)} that {ctx._name} saved was modified by an "
                "in-place operation; clone() it first"
            )
        return self._tensor


class Function:
    r"""The base class of operations with a gradient rule of their own.

    A subclass has two static methods. ``forward(ctx, *args)`` computes the result, or a tuple of them; nothing in it is
    recorded. ``backward(ctx, *gradients)`` takes the gradient of each result and returns one for each argument of
    ``forward``, None for arguments that have none. Written with differentiable operations, it can be differentiated
    itself. As in PyTorch, ``forward(*args)`` can be accompanied by ``setup_context(ctx, inputs, output)``.

    The function is called by ``apply``.

    Source
    ------
    PyTorch, "Extending PyTorch" (the interface).

    Example
    -------
    >>> class Exp(sc.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         y = x.exp()
    ...         ctx.save_for_backward(y)
    ...         return y
    ...
    ...     @staticmethod
    ...     def backward(ctx, gradient):
    ...         (y,) = ctx.saved_tensors
    ...         return gradient * y
    >>> x = sc.zeros(2, requires_grad=True)
    >>> Exp.apply(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """

    @staticmethod
    def forward(*args: Any) -> Any:
        """Compute the results; subclasses say how.

        Example
        -------
        >>> class Twice(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x * 2
        >>> Twice.apply(sc.ones(2))
        tensor([2., 2.])
        """
        # An abstract method: each subclass has its own. PyTorch's raises the same when it is missing.
        raise NotImplementedError("Function: forward is missing; make it a static method forward(ctx, ...)")

    @staticmethod
    def setup_context(ctx: FunctionCtx, inputs: tuple[Any, ...], output: Any) -> None:
        """Save what ``backward`` needs, in subclasses whose ``forward`` does not take a context.

        Example
        -------
        >>> class Power(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(x, exponent):
        ...         return x**exponent
        ...
        ...     @staticmethod
        ...     def setup_context(ctx, inputs, output):
        ...         x, ctx.exponent = inputs
        ...         ctx.save_for_backward(x)
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         (x,) = ctx.saved_tensors
        ...         return gradient * ctx.exponent * x ** (ctx.exponent - 1), None
        >>> x = sc.tensor([2.0], requires_grad=True)
        >>> Power.apply(x, 3).backward()
        >>> x.grad
        tensor([12.])
        """

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> Any:
        """Compute the gradients of the arguments; subclasses say how.

        Example
        -------
        >>> class Clipped(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x.clone()
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         return gradient.clamp(-1, 1)
        >>> x = sc.ones(2, requires_grad=True)
        >>> (Clipped.apply(x) * 100).sum().backward()
        >>> x.grad
        tensor([1., 1.])
        """
        # Abstract too, but a function that nobody differentiates does not need one: the error comes when it is called.
        raise NotImplementedError(f"{ctx._name}: backward is missing; make it a static method backward(ctx, ...)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Call the function.

        Parameters
        ----------
        *args
            What ``forward`` takes after the context. Gradients go to tensors among them, not to tensors in lists.

        Raises
        ------
        RuntimeError
            When a gradient would be lost: ``forward`` modified an argument that requires grad without `mark_dirty`,
            or returned a tensor that requires grad and is no argument.
        TypeError
            When an argument holds tensors that require grad, or a result is not a tensor.

        Example
        -------
        >>> class Reversed(sc.autograd.Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return x.clone()
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         return -gradient
        >>> x = sc.ones(2, requires_grad=True)
        >>> Reversed.apply(x).sum().backward()
        >>> x.grad
        tensor([-1., -1.])
        """
        name = cls.__name__
        _refuse_hidden_tensors(name, args)
        needs = tuple(isinstance(each, TensorBase) and each.requires_grad for each in args)
        versions = [each._version if needed else None for each, needed in zip(args, needs, strict=True)]
        ctx = FunctionCtx(name, needs)
        with no_grad():
            if cls.setup_context is Function.setup_context:
                output = cls.forward(ctx, *args)
            else:
                output = cls.forward(*args)
                cls.setup_context(ctx, args, output)
            returned = output if isinstance(output, tuple) else (output,)
            _check_modified(name, args, versions, ctx._dirty, returned)
            results = [_as_result(name, each, args, ctx) for each in returned]
        recorded = _record(cls, ctx, args, returned, results) if any(needs) and is_grad_enabled() else []
        for place, result in enumerate(returned):
            if _is_among(result, ctx._dirty):
                # The record has a new tensor; what was modified gets its place in the graph by a recorded copy.
                results[place] = result.copy_(results[place]) if place in recorded else result
        ctx._dirty = ()
        return tuple(results) if isinstance(output, tuple) else results[0]


def _is_among(tensor: Any, tensors: tuple[Any, ...]) -> bool:
    """Whether it is one of them, itself."""
    return any(tensor is each for each in tensors)


def _check_modified(
    name: str, args: tuple[Any, ...], versions: list[int | None], dirty: tuple[Any, ...], returned: tuple[Any, ...]
) -> None:
    for each, version in zip(args, versions, strict=True):
        if version is not None and each._version != version and not _is_among(each, dirty):
            raise RuntimeError(
                f"{name}: forward modified an argument that requires grad; its gradient would be wrong; use clone(), "
                "or ctx.mark_dirty(x) and return x"
            )
    for each in dirty:
        if not (_is_among(each, args) and _is_among(each, returned)):
            raise RuntimeError(f"{name}: mark_dirty is for arguments that forward modifies in place and returns")


def _refuse_hidden_tensors(name: str, args: tuple[Any, ...]) -> None:
    if not is_grad_enabled():
        return
    for place, argument in enumerate(args):
        members = argument.values() if isinstance(argument, dict) else argument
        if isinstance(argument, (list, tuple, dict)):
            if any(isinstance(each, TensorBase) and each.requires_grad for each in members):
                raise TypeError(
                    f"{name}: argument {place} is a {type(argument).__name__} with tensors that require grad, and "
                    f"their gradients would be lost; pass them as arguments of their own, {name}.apply(*tensors)"
                )


def _is_differentiable(result: Any, ctx: FunctionCtx) -> bool:
    return isinstance(result, TensorBase) and result.dtype.is_floating_point and not _is_among(result, ctx._marked)


def _as_result(name: str, result: Any, args: tuple[Any, ...], ctx: FunctionCtx) -> Any:
    """What `apply` returns for one result of ``forward``: a tensor that no graph knows, or what is no tensor."""
    if not isinstance(result, TensorBase):
        if isinstance(result, (list, numpy.ndarray, float, int)):
            raise TypeError(f"{name}: forward must return a tensor or a tuple of tensors, got {type(result).__name__}")
        return result
    if _is_among(result, ctx._marked):
        return result.detach() if result.requires_grad else result
    if result.requires_grad and not _is_among(result, args):
        raise RuntimeError(
            f"{name}: forward returned a tensor that requires grad and is not an argument, so its gradient would be "
            "lost; pass it to apply"
        )
    fresh = result.detach()
    memory = fresh.numpy()
    inputs = (each for each in args if isinstance(each, TensorBase))
    return fresh.clone() if any(numpy.may_share_memory(memory, each.detach().numpy()) for each in inputs) else fresh


def _record(
    cls: type[Function], ctx: FunctionCtx, args: tuple[Any, ...], returned: Any, results: list[Any]
) -> list[int]:
    """Make the results part of the graph, with ``backward`` as their rule. Returns the places of those that are."""
    recorded = [place for place, each in enumerate(returned) if _is_differentiable(each, ctx)]
    if not recorded:
        return recorded
    keeps = [False] * len(recorded)
    for tensor in ctx._to_save:
        number = None
        if tensor is not None and (_is_among(tensor, ctx._dirty) or not _is_among(tensor, args)):
            number = next((n for n, place in enumerate(recorded) if returned[place] is tensor), None)
        if number is not None:
            keeps[number] = True
        ctx._saved.append(_Saved(tensor, number))
    ctx._to_save = ctx._marked = ()
    # The rule must hold neither arguments nor results; for those that have no gradient it makes zeros.
    kinds = [(tuple(each.shape), each.dtype.code) if isinstance(each, TensorBase) else None for each in results]
    is_tensor = tuple(isinstance(each, TensorBase) for each in args)
    count = len(returned)

    def rule(gradients: tuple[Tensor, ...], kept: tuple[Any, ...]) -> tuple[Any, ...]:
        every: list[Any] = [None] * count
        for place, gradient in zip(recorded, gradients, strict=True):
            every[place] = gradient
        for place, kind in enumerate(kinds):
            if every[place] is None and kind is not None and ctx._makes_zeros:
                every[place] = _core.empty(*kind).zero_()  # type: ignore[attr-defined]
        ctx._results = kept
        try:
            found = cls.backward(ctx, *every)
        finally:
            ctx._results = ()
        return _checked_gradients(cls.__name__, found, is_tensor, ctx.needs_input_grad)

    tensors = tuple(each if isinstance(each, TensorBase) else None for each in args)
    outputs = tuple(results[place] for place in recorded)
    _core.record_function(cls.__name__ + "Backward", tensors, outputs, tuple(keeps), rule)
    return recorded


def _checked_gradients(name: str, found: Any, is_tensor: tuple[bool, ...], needs: tuple[bool, ...]) -> tuple[Any, ...]:
    gradients = tuple(found) if isinstance(found, (tuple, list)) else (found,)
    extra, gradients = gradients[len(is_tensor) :], gradients[: len(is_tensor)]
    if len(gradients) < len(is_tensor) or any(each is not None for each in extra):
        raise RuntimeError(
            f"{name}: backward returned {len(gradients) + len(extra)} gradients, but forward takes {len(is_tensor)} "
            "arguments; return one for each, None where there is none"
        )
    for place, gradient in enumerate(gradients):
        if gradient is None:
            continue
        if not isinstance(gradient, TensorBase):
            raise TypeError(
                f"{name}: backward returned {type(gradient).__name__} for argument {place}, expected a tensor or None"
            )
        if not is_tensor[place]:
            raise RuntimeError(f"{name}: backward returned a gradient for argument {place}, which is not a tensor")
    return tuple(each if needed else None for each, needed in zip(gradients, needs, strict=True))


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a ``backward`` that cannot be differentiated, so that second derivatives are errors instead of wrong.

    Example
    -------
    >>> class Cube(sc.autograd.Function):
    ...     @staticmethod
    ...     def forward(ctx, x):
    ...         ctx.save_for_backward(x)
    ...         return x**3
    ...
    ...     @staticmethod
    ...     @sc.autograd.once_differentiable
    ...     def backward(ctx, gradient):
    ...         (x,) = ctx.saved_tensors
    ...         return gradient * sc.from_numpy(3 * x.detach().numpy() ** 2)
    >>> x = sc.ones(1, requires_grad=True)
    >>> Cube.apply(x).backward()
    >>> x.grad
    tensor([3.])
    """

    @functools.wraps(backward)
    def wrapper(ctx: FunctionCtx, *gradients: Any) -> Any:
        with no_grad():
            found = backward(ctx, *gradients)
        if not is_grad_enabled():
            return found
        several = found if isinstance(found, (tuple, list)) else (found,)
        fresh = tuple(each.clone() if isinstance(each, TensorBase) else each for each in several)
        name = ctx._name

        def rule(*_: Any) -> Any:
            raise RuntimeError(f"{name}: its backward is marked with once_differentiable; it has no second derivative")

        sources = (*gradients, *ctx.saved_tensors)
        inputs = tuple(each for each in sources if isinstance(each, TensorBase) and each.requires_grad)
        outputs = tuple(each for each in fresh if isinstance(each, TensorBase))
        if inputs and outputs:
            _core.record_function(name + "BackwardBackward", inputs, outputs, (False,) * len(outputs), rule)
        return fresh

    return wrapper
