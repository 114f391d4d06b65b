"""1986: backpropagation. Smooth units, and the error sent back through hidden layers. Where it breaks: depth."""
