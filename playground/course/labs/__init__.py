"""What labs need beside the stops: the acts of their solutions and the answers to their guesses, one module a lab.

A module that lies here is read, and what it registers (`acts.act`, `answers.answer`) can be named by missions.
"""

from importlib import import_module
from pkgutil import iter_modules

for _lab in iter_modules(__path__):
    import_module(f"{__name__}.{_lab.name}")
