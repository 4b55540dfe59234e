"""The check of the documentation's pages finds what it looks for."""

import sys
from pathlib import Path

import pytest

CONV2D = "swiftconv.nn.functional.conv.conv2d"


@pytest.fixture(scope="module")
def check():
    folder = str(Path(__file__).parents[2] / "docs")
    sys.path.insert(0, folder)
    try:
        import check

        return check
    finally:
        sys.path.remove(folder)
        sys.modules.pop("check", None)


def parameters(items):
    return f'<span class="doc-section-title">Parameters:</span></p><ul>{items}</ul>'


def item(names, default=None, text="Told."):
    shown = f', default: <code class="default">{default}</code>' if default else ""
    names = ", ".join(f'<b><code class="word">{name}</code></b>' for name in names)
    return (
        f'<li class="doc-section-item">{names} (<code>int</code>{shown}) –\n'
        f'<div class="doc-md-description">{text}</div></li>'
    )


def test_right_defaults_pass(check):
    right = item(["input", "weight"]) + item(["stride", "dilation", "groups"], "1") + item(["padding"], "0")
    assert list(check.mistakes(CONV2D, parameters(right))) == []


@pytest.mark.parametrize(
    "names, default, wrong",
    [(["stride", "padding"], "1", "padding"), (["bias"], None, "bias"), (["input"], "0", "input")],
)
def test_wrong_defaults_are_found(check, names, default, wrong):
    (found,) = check.mistakes(CONV2D, parameters(item(names, default)))
    assert found.startswith(f"the default of {wrong} is shown as ")


@pytest.mark.parametrize(
    "part, mistake",
    [
        ("<p>Return :math:<code>x</code>.</p>", "not converted"),
        ("<p>$$ x $$</p>", "not converted"),
        (r"<p>Return \frac{1}{2}.</p>", "not converted"),
        ("<p>The `input`.</p>", "not converted"),
        ('<div class="doc-signature highlight"><pre>f() -&gt; _Number</pre></div>', "a private name: _Number"),
        (item(["input"], text=""), "an item without a description"),
    ],
)
def test_other_mistakes_are_found(check, part, mistake):
    found = list(check.mistakes(CONV2D, part))
    assert found and all(each.startswith(mistake) for each in found)


def test_examples_and_formulas_are_left_alone(check):
    part = r'<div class="highlight"><pre>b"\x01" `x` $$</pre></div><math><mi>\frac</mi></math><p>Plain.</p>'
    assert list(check.mistakes(CONV2D, part)) == []
