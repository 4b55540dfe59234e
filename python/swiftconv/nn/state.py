"""Reading and writing the state of modules."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..autograd import no_grad
from ..conversion import as_tensor
from ..tensor import Tensor
from .parameter import is_lazy

if TYPE_CHECKING:
    from .module import Module


def _state(module: Module, prefix: str) -> Iterator[tuple[str, Tensor]]:
    """All parameters and persistent buffers with their paths; shared ones under every path."""
    for name, parameter in module._parameters.items():
        if parameter is not None:
            yield prefix + name, parameter
    for name, buffer in module._buffers.items():
        if buffer is not None and name not in module._non_persistent:
            yield prefix + name, buffer
    for name, child in module._modules.items():
        if child is not None:
            yield from _state(child, f"{prefix}{name}.")


def collect_state(module: Module, prefix: str, keep_vars: bool) -> OrderedDict[str, Tensor]:
    """What `Module.state_dict` returns."""
    return OrderedDict(
        (path, member if keep_vars or is_lazy(member) else member.detach()) for path, member in _state(module, prefix)
    )


def load_state(module: Module, state: dict[str, Any], strict: bool) -> tuple[list[str], list[str]]:
    """Copy values into a module; returns the missing and the unexpected paths."""
    if not hasattr(state, "keys"):
        raise TypeError(f"load_state_dict: expected a dictionary, got {type(state).__name__}")
    own = OrderedDict(_state(module, ""))
    missing = [path for path in own if path not in state]
    unexpected = [path for path in state if path not in own]
    problems = []
    if strict and unexpected:
        problems.append("Unexpected key(s) in state_dict: " + ", ".join(f'"{path}"' for path in unexpected) + ".")
    if strict and missing:
        problems.append("Missing key(s) in state_dict: " + ", ".join(f'"{path}"' for path in missing) + ".")
    values = {path: as_tensor(state[path]) for path in own if path in state}
    for path, value in values.items():
        target = own[path]
        if is_lazy(target) or is_lazy(value):
            continue
        if target.shape != value.shape:
            problems.append(
                f"size mismatch for {path}: copying a param with shape {value.shape} from checkpoint, "
                f"the shape in current model is {target.shape}."
            )
    if problems:
        raise RuntimeError(f"Error(s) in loading state_dict for {type(module).__name__}:\n\t" + "\n\t".join(problems))
    with no_grad():
        for path, value in values.items():
            _fill(own[path], value)
    return missing, unexpected


def _fill(target: Tensor, value: Tensor) -> None:
    if is_lazy(value):
        return
    if is_lazy(target):
        target.materialize(tuple(value.shape), value.dtype)
    target.copy_(value.detach())
