"""``mxnet.gluon.parameter``: parameters whose shape may become known with the first batch."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy

from ...dialects.switch import missing
from .. import context, initializer
from .. import numpy as np
from ..array import ndarray


class DeferredInitializationError(RuntimeError):
    """A parameter is asked for before its shape is known."""


class Parameter:
    """A weight of a block.

    Parameters
    ----------
    name : str
        Its name, such as ``"dense0_weight"``.
    grad_req : {"write", "add", "null"}
        What `backward` does with its gradient.
    shape : int or tuple of int, optional
        Its shape; 0 or -1 stand for sizes that are not known yet.
    dtype : NumPy type or name
        Its dtype.
    lr_mult, wd_mult : float
        Factors for a trainer's learning rate and weight decay.
    init : Initializer or str, optional
        How it begins; as ``initialize`` says if not given.
    allow_deferred_init : bool
        Whether its shape may stay unknown until the first batch.
    differentiable : bool
        Whether it has a gradient at all.
    """

    def __init__(
        self,
        name: str,
        grad_req: str = "write",
        shape: Any = None,
        dtype: Any = numpy.float32,
        lr_mult: float = 1.0,
        wd_mult: float = 1.0,
        init: Any = None,
        allow_deferred_init: bool = False,
        differentiable: bool = True,
        stype: str = "default",
        grad_stype: str = "default",
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.lr_mult = lr_mult
        self.wd_mult = wd_mult
        self.init = init
        self.allow_deferred_init = allow_deferred_init
        self._grad_req = grad_req if differentiable else "null"
        self._shape = (shape,) if isinstance(shape, int) else None if shape is None else tuple(shape)
        self._data: ndarray | None = None
        # What `initialize` was given while the shape was not known.
        self._deferred: Any = None

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.name} (shape={self.shape}, dtype={self.dtype})"

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape, with -1 for sizes that are not known yet."""
        return None if self._shape is None else tuple(each or -1 for each in self._shape)

    @shape.setter
    def shape(self, new_shape: tuple[int, ...]) -> None:
        known = self.shape
        if known is not None and (
            len(known) != len(new_shape) or any(a not in (-1, b) for a, b in zip(known, new_shape, strict=True))
        ):
            raise AssertionError(f"Expected shape {tuple(new_shape)} is incompatible with given shape {known}.")
        self._shape = tuple(new_shape)

    @property
    def grad_req(self) -> str:
        """What `backward` does with the gradient: "write", "add" or "null"."""
        return self._grad_req

    @grad_req.setter
    def grad_req(self, request: str) -> None:
        self._grad_req = request
        if self._data is not None:
            self._data.attach_grad(request)

    def _is_known(self) -> bool:
        return self.shape is not None and all(each > 0 for each in self.shape)

    def initialize(
        self, init: Any = None, ctx: Any = None, default_init: Any = None, force_reinit: bool = False
    ) -> None:
        """Fill the parameter now, or when its shape becomes known."""
        if self._data is not None and not force_reinit:
            warnings.warn(
                f"Parameter '{self.name}' is already initialized, ignoring. Set force_reinit=True to re-initialize.",
                stacklevel=2,
            )
            return
        context.check(ctx)
        chosen = init if init is not None else self.init if self.init is not None else default_init
        self._data = None
        self._deferred = initializer.Uniform() if chosen is None else chosen
        if self._is_known():
            self._finish()
        elif not self.allow_deferred_init:
            self._deferred = None
            raise ValueError(f"Cannot initialize Parameter '{self.name}' because it has invalid shape: {self.shape}.")

    def _finish(self) -> None:
        """Make the data, now that the shape is known."""
        if self._deferred is None:
            return
        if not self._is_known():
            raise ValueError(f"Parameter '{self.name}' has unknown shape {self.shape}; give the layer its input size")
        chosen, self._deferred = self._deferred, None
        data = np.zeros(self._shape, dtype=self.dtype)
        if isinstance(chosen, ndarray):
            data[...] = chosen
        else:
            initializer.create(chosen)._init_weight(initializer.InitDesc(self.name), data)
        self._attach(data)

    def _attach(self, data: ndarray) -> None:
        self._data = data
        if self._grad_req != "null":
            data.attach_grad(self._grad_req)

    def _checked(self) -> ndarray:
        if self._data is not None:
            return self._data
        if self._deferred is not None:
            raise DeferredInitializationError(
                f"Parameter '{self.name}' has not been initialized yet because initialization was deferred. Actual "
                "initialization happens during the first forward pass. Please pass one batch of data through the "
                "network before accessing Parameters. You can also avoid deferred initialization by specifying "
                "in_units, num_features, etc., for network layers."
            )
        raise RuntimeError(
            f"Parameter '{self.name}' has not been initialized. Note that you should initialize parameters and create "
            "Trainer with Block.collect_params() instead of Block.params because the later does not include "
            "Parameters of nested child Blocks"
        )

    def data(self, ctx: Any = None) -> ndarray:
        """Return the array of the parameter; writing into it changes the parameter."""
        context.check(ctx)
        return self._checked()

    def list_data(self) -> list[ndarray]:
        """Return the array in a list."""
        return [self._checked()]

    def grad(self, ctx: Any = None) -> ndarray:
        """Return the gradient."""
        data = self._checked()
        if self._grad_req == "null" or data.grad is None:
            raise RuntimeError(f"Cannot get gradient array for Parameter '{self.name}' because grad_req='null'")
        return data.grad

    def list_grad(self) -> list[ndarray]:
        """Return the gradient in a list."""
        return [self.grad()]

    def list_ctx(self) -> list[Any]:
        """Return where the parameter lives: the CPU."""
        if self._data is None and self._deferred is None:
            self._checked()
        return [context.cpu()]

    def set_data(self, data: Any) -> None:
        """Give the parameter other values."""
        data = data if isinstance(data, ndarray) else np.array(data)
        self.shape = data.shape
        if self._data is None:
            if self._deferred is None:
                self._checked()
            self._deferred = data
            return
        self._data[...] = data

    def zero_grad(self) -> None:
        """Set the gradient to zeros."""
        if self._data is not None and self._data.grad is not None:
            self._data.grad[...] = 0

    def reset_ctx(self, ctx: Any) -> None:
        """Accept the CPU."""
        context.check(ctx)

    def cast(self, dtype: Any) -> None:
        """Change the dtype."""
        self.dtype = dtype
        if self._data is not None:
            self._attach(self._data.detach().astype(dtype))


class Constant(Parameter):
    """A parameter that does not change in training."""

    def __init__(self, name: str, value: Any) -> None:
        array = value if isinstance(value, ndarray) else np.array(value)
        self.value = array
        super().__init__(name, "null", array.shape, array.dtype, init=initializer.Constant(array), differentiable=False)


class ParameterDict:
    """Parameters by name. ``get`` makes them, with the prefix of the block.

    Example
    -------
    >>> from swiftconv.mxnet import gluon
    >>> parameters = gluon.ParameterDict("net0_")
    >>> parameters.get("weight", shape=(2, 3), dtype="float32")
    Parameter net0_weight (shape=(2, 3), dtype=float32)
    """

    def __init__(self, prefix: str = "", shared: ParameterDict | None = None) -> None:
        self._prefix = prefix
        self._params: OrderedDict[str, Parameter] = OrderedDict()
        self._shared = shared

    @property
    def prefix(self) -> str:
        """What the names begin with."""
        return self._prefix

    def __repr__(self) -> str:
        head = f"{self._prefix} " if self._prefix else ""
        return "\n".join([f"{head}(", *([f"  {each}" for each in self.values()] or [""]), ")"])

    def __getitem__(self, key: str) -> Parameter:
        return self._params[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __contains__(self, key: str) -> bool:
        return key in self._params

    def keys(self) -> Any:
        """Return the names."""
        return self._params.keys()

    def values(self) -> Any:
        """Return the parameters."""
        return self._params.values()

    def items(self) -> Any:
        """Return names and parameters."""
        return self._params.items()

    def get(self, name: str, **kwargs: Any) -> Parameter:
        """Return the parameter of a name; made with these arguments if there is none yet."""
        full = self._prefix + name
        found = self._params.get(full)
        if found is None and self._shared is not None:
            found = self._shared._params.get(full)
        if found is None:
            found = Parameter(full, **kwargs)
        elif kwargs.get("shape") is not None and not found._is_known():
            found.shape = kwargs["shape"] if isinstance(kwargs["shape"], tuple) else (kwargs["shape"],)
        self._params[full] = found
        return found

    def get_constant(self, name: str, value: Any = None) -> Constant:
        """Return the constant of a name; made with this value if there is none yet."""
        full = self._prefix + name
        if full not in self._params:
            self._params[full] = Constant(full, value)
        return self._params[full]  # type: ignore[return-value]

    def update(self, other: ParameterDict) -> None:
        """Take over the parameters of another dictionary."""
        for name, parameter in other.items():
            if self._params.setdefault(name, parameter) is not parameter:
                raise ValueError(f"Cannot update self with other because they have different Parameters named '{name}'")

    def initialize(self, init: Any = None, ctx: Any = None, verbose: bool = False, force_reinit: bool = False) -> None:
        """Fill all parameters; see `Parameter.initialize`."""
        for parameter in self.values():
            parameter.initialize(None, ctx, init, force_reinit=force_reinit)

    def zero_grad(self) -> None:
        """Set all gradients to zeros."""
        for parameter in self.values():
            parameter.zero_grad()

    def reset_ctx(self, ctx: Any) -> None:
        """Accept the CPU."""
        context.check(ctx)

    def setattr(self, name: str, value: Any) -> None:
        """Set an attribute of all parameters."""
        for parameter in self.values():
            setattr(parameter, name, value)


__getattr__ = missing("mxnet", "mxnet.gluon.parameter", globals())
