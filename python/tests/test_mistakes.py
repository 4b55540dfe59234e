"""The commonest mistakes each get a text that says what to write instead."""

import warnings
from pathlib import Path

import numpy as np
import pytest

import swiftconv as sc
from mistakes import MISTAKES
from swiftconv import nn, optim
from swiftconv.nn import functional as F

DOCS = Path(__file__).parents[2] / "docs"


def text_of(mistake):
    """What a user who makes the mistake reads."""
    names = {"np": np, "sc": sc, "nn": nn, "optim": optim, "F": F}
    with pytest.raises(mistake.kind) as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(mistake.code, names)
    return str(caught.value)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_the_text_names_the_fix(mistake):
    assert mistake.fix in text_of(mistake)


def test_there_are_twenty():
    assert len(MISTAKES) >= 20 and len({each.title for each in MISTAKES}) == len(MISTAKES)


def test_steps_of_ordinary_loops_do_not_warn():
    x = sc.ones(3, 2)
    for clear in ("optimizer", "module", "zeros"):
        net = nn.Linear(2, 1)
        optimizer = optim.SGD(net.parameters(), lr=0.1)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for _ in range(4):
                for _ in range(2):  # Two passes before a step add up on purpose.
                    net(x).sum().backward()
                optimizer.step()
                if clear == "optimizer":
                    optimizer.zero_grad()
                elif clear == "module":
                    net.zero_grad()
                else:
                    optimizer.zero_grad(set_to_none=False)
            optimizer.step()
            optimizer.step()


def test_the_table_in_the_documentation_is_new():
    if not DOCS.exists():
        pytest.skip("only the project's folder has the documentation")
    table = "| Mistake | What it looks like | What you read |\n|---|---|---|\n"
    for each in MISTAKES:
        code = "<br>".join(f"`{line}`" for line in each.code.replace("; ", "\n").splitlines())
        shown = text_of(each).replace("\n", " ").replace("|", "\\|").replace("<", "&lt;").replace("__", "\\_\\_")
        table += f"| {each.title} | {code} | {each.kind.__name__}: {shown} |\n"
    path = DOCS / "tables" / "mistakes.md"
    if not path.exists() or path.read_text() != table:
        path.parent.mkdir(exist_ok=True)
        path.write_text(table)
        pytest.fail(f"{path} was not the table of these mistakes; it has been written anew, commit it")
