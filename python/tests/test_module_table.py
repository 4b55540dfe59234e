"""What notebooks show of a module: its tree, with the shapes of the parameters."""

import swiftconv as sc
from swiftconv import nn


def cells(net):
    html = net._repr_html_()
    rows = html.split("<tbody>")[1].split("</tbody>")[0].split("</tr>")[:-1]
    return [[cell.split(">", 1)[1] for cell in row.split("<td")[1:]] for row in rows], html


def test_rows_follow_the_tree():
    net = nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.Sequential(nn.Flatten(), nn.Linear(8, 3)))
    rows, html = cells(net)
    assert [[cell.removesuffix("</td>") for cell in row] for row in rows] == [
        ["Sequential", "", ""],
        ["\u2003(0): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), bias=False)", "weight 2 × 1 × 3 × 3", "18"],
        ["\u2003(1): Sequential", "", ""],
        ["\u2003\u2003(0): Flatten(start_dim=1, end_dim=-1)", "", ""],
        ["\u2003\u2003(1): Linear(in_features=8, out_features=3, bias=True)", "weight 3 × 8, bias 3", "27"],
    ]
    assert "Parameters: 45<" in html


def test_shapes_that_are_not_known_yet():
    net = nn.Sequential(nn.LazyLinear(4))
    assert "weight ?, bias ?" in net._repr_html_() and "Parameters: 0 so far" in net._repr_html_()
    net(sc.ones(1, 5))
    assert "weight 4 × 5, bias 4" in net._repr_html_()


def test_names_are_escaped_and_scalars_named():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(sc.tensor(2.0))

        def extra_repr(self):
            return "<b>"

    assert "&lt;b&gt;" in Odd()._repr_html_() and "scale ()" in Odd()._repr_html_()
