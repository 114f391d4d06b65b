"""The values that cross every border: moments, frames, events, scenes, layers, streams, errors.

Import from the modules (`from nnhistory.core.scene import Scene`): `errors`, `events`, `params`, `manifest`,
`resources`, `numbers` and `scene` need no NumPy, and `nnhistory --help` relies on that.
"""
