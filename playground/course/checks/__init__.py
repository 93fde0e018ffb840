"""The checks, by theme. Each is a pure function that missions name; see `playground.course.verdict`.

A module that lies here is read: a theme, or a lab's own checks, is one file and no line elsewhere.
"""

from importlib import import_module
from pkgutil import iter_modules

from playground.course.verdict import CHECKS

for _theme in iter_modules(__path__):
    import_module(f"{__name__}.{_theme.name}")

__all__ = ["CHECKS"]
