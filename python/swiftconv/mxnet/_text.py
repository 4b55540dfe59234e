"""How arrays print: NumPy's layout, with the framework's rules for the dtype."""

from __future__ import annotations

import numpy


def representation(array: numpy.ndarray, place: str = "") -> str:
    """Return the text of an array: NumPy's, without a dtype where it is float32 or bool, with a place if given.

    Example
    -------
    >>> from swiftconv.mxnet._text import representation
    >>> representation(np.ones(2, np.float32)), representation(np.ones(2, np.int64))
    ('array([1., 1.])', 'array([1, 1], dtype=int64)')
    """
    head = "array("
    if array.size == 0 and array.shape != (0,):
        text = f"{head}[], shape={array.shape}"
    else:
        text = head + numpy.array2string(array, separator=", ", prefix=head, suffix=",")
    closing = f", ctx={place})" if place else ")"
    if array.dtype in (numpy.float32, numpy.bool_):
        return text + closing
    ending = f"dtype={array.dtype}{closing}"
    # NumPy itself names the types that are not its defaults, on a new line if need be.
    named_by_numpy = array.dtype not in (numpy.float64, numpy.int64) or array.size == 0
    last = len(text) + 1 - (text.rfind("\n") + 1)
    wraps = named_by_numpy and last + len(ending) + 1 > numpy.get_printoptions()["linewidth"]
    return f"{text},\n{' ' * len(head)}{ending}" if wraps else f"{text}, {ending}"
