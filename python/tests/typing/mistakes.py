"""Mistakes that a type checker must find: each line that is marked is an error to it."""

import swiftconv as sc
from swiftconv import nn, optim

net = nn.Conv2d(1, 2, kernel_size="three")  # mistake
optimizer = optim.SGD(net.parameters(), lr="fast")  # mistake
x = sc.zeros(2, 2)
x.no_such_method()  # mistake
x.reshape(2.5)  # mistake
length: str = x.shape[0]  # mistake
sc.corr2d("image", x)  # mistake
total: int = x.sum()  # mistake
