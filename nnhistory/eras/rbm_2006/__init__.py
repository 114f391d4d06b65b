"""2006: restricted Boltzmann machines, and deep nets that start from them."""
