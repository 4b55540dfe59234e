"""What goes wrong with modules and their variables."""

from __future__ import annotations

from typing import Any

_PAGE = "https://flax.readthedocs.io/en/latest/api_reference/flax.errors.html"


class FlaxError(Exception):
    """The base of Flax's errors; the text ends with the page that explains it."""

    def __init__(self, message: str) -> None:
        super().__init__(f"{message} ({_PAGE}#flax.errors.{type(self).__name__})")


class ScopeParamNotFoundError(FlaxError):
    """A parameter is asked for that the variables do not have."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(f'Could not find parameter named "{name}" in scope "{path}".')


class ScopeCollectionNotFound(FlaxError):
    """A variable is asked for of a collection that has none."""

    def __init__(self, collection: str, name: str, path: str) -> None:
        super().__init__(f'Tried to access "{name}" from collection "{collection}" in "{path}" but the collection is '
                         "empty.")  # fmt: skip


class ScopeParamShapeError(FlaxError):
    """A parameter has another shape than its initialiser gives."""

    def __init__(self, name: str, path: str, found: Any, wanted: Any) -> None:
        super().__init__(f"Initializer expected to generate shape {found} but got shape {wanted} instead for parameter "
                         f'"{name}" in "{path}".')  # fmt: skip


class ScopeVariableNotFoundError(FlaxError):
    """A variable is asked for that the variables do not have."""

    def __init__(self, name: str, collection: str, path: str) -> None:
        super().__init__(f'No Variable named "{name}" for collection "{collection}" exists in "{path}".')


class ModifyScopeVariableError(FlaxError):
    """A variable of a collection that is not mutable is written."""

    def __init__(self, collection: str, name: str, path: str) -> None:
        super().__init__(f'Cannot update variable "{name}" in "{path}" because collection "{collection}" is immutable.')


class InvalidRngError(FlaxError):
    """A stream of random numbers is asked for that was not given."""


class NameInUseError(FlaxError):
    """Two parameters or layers have one name."""

    def __init__(self, kind: str, name: str, module: str) -> None:
        super().__init__(f'Could not create {kind} "{name}" in Module {module}: Name in use.')


class SetAttributeFrozenModuleError(FlaxError):
    """An attribute is set after a module was bound."""

    def __init__(self, module: str, name: str, value: Any) -> None:
        super().__init__(f"Can't set {name}={value} for Module of type {module}: Module instance is frozen outside of "
                         "setup method.")  # fmt: skip


class SetAttributeInModuleSetupError(FlaxError):
    """A field is set inside ``setup``."""

    def __init__(self) -> None:
        super().__init__("Module construction attributes are frozen.")


class AssignSubModuleError(FlaxError):
    """A layer is made in a method that is neither ``setup`` nor ``compact``."""

    def __init__(self, module: str) -> None:
        super().__init__(f"Submodule {module} must be defined in `setup()` or in a method wrapped in `@compact`")


class CallCompactUnboundModuleError(FlaxError):
    """A module is called without variables."""

    def __init__(self) -> None:
        super().__init__("Can't call compact methods on unbound modules")


class CallSetupUnboundModuleError(FlaxError):
    """``setup`` is called without variables."""

    def __init__(self) -> None:
        super().__init__("Can't call compact methods on unbound modules")


class CallUnbindOnUnboundModuleError(FlaxError):
    """``unbind`` is called on a module that is bound to nothing."""

    def __init__(self) -> None:
        super().__init__("Can't call `unbind()` on unbound modules")


class MultipleMethodsCompactError(FlaxError):
    """A class has several compact methods."""

    def __init__(self) -> None:
        super().__init__("Only one method per class can be @compact")
