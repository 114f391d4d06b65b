"""What makes a scenario happen: registry, runners, recordings, playheads, detectors, studies, the stage.

Import from the modules. `registry`, `actions` and `expect` need no NumPy.
"""
