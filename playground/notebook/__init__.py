"""From notebook to script: a notebook as people leave it, what its numbers are worth, and the pipeline it becomes.

`reading` reads an ``.ipynb``, `running` runs its cells in any order in a process of its own, `judging` finds the
numbers that do not hold and why, `becoming` names the step and the key that each cell turns into. Only the shipped
notebook is run; there is no way in for code that somebody typed.
"""
