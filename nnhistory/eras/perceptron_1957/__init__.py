"""1957: Rosenblatt's perceptron. A step rule, no gradient. Where it breaks: XOR."""
