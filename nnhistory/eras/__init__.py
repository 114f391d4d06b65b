"""The eras, one folder each. They do not import each other; `engine.registry` finds them."""
