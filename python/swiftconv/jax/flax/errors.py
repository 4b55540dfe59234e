"""What goes wrong with modules and their variables."""

from __future__ import annotations


class FlaxError(Exception):
    """The base of Flax's errors."""


class ScopeParamNotFoundError(FlaxError):
    """A parameter is asked for that the variables do not have."""


class ScopeParamShapeError(FlaxError):
    """A parameter has another shape than its initialiser gives."""


class ScopeVariableNotFoundError(FlaxError):
    """A variable is asked for that the variables do not have."""


class ModifyScopeVariableError(FlaxError):
    """A variable of a collection that is not mutable is written."""


class InvalidRngError(FlaxError):
    """A stream of random numbers is asked for that was not given."""


class NameInUseError(FlaxError):
    """Two parameters or layers have one name."""


class SetAttributeFrozenModuleError(FlaxError):
    """An attribute is set after a module was bound."""


class SetAttributeInModuleSetupError(FlaxError):
    """A field is set inside ``setup``."""


class AssignSubModuleError(FlaxError):
    """A layer is made in a method that is neither ``setup`` nor ``compact``."""


class CallCompactUnboundModuleError(FlaxError):
    """A module is called without variables."""

    def __init__(self) -> None:
        super().__init__("Can't call compact methods on unbound modules")


class MultipleMethodsCompactError(FlaxError):
    """A class has several compact methods."""
