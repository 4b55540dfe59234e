import SwiftConv

// A white picture with a black bar, and the kernel that sees its edges.
let picture = try Tensor([1, 1, 0, 0, 0, 1], shape: [1, 1, 1, 6])
let edges = try picture.conv2d(Tensor([1, -1], shape: [1, 1, 1, 2]))
print("edges", try edges.elements())

// The same kernel, learned from the picture and its edges alone.
let kernel = try Tensor.zeros([1, 1, 1, 2])
try kernel.setRequiresGrad(true)
let optimizer = try StochasticGradientDescent([kernel], learningRate: 0.1)
for _ in 0..<100 {
  optimizer.clear()
  let difference = try picture.conv2d(kernel) - edges
  try backward(from: [(difference * difference).sum()])
  try optimizer.step()
}
print("learned", try kernel.elements().map { ($0 * 1000).rounded() / 1000 })
