"""The module's three pictures, as plain records of a workspace: software factory, time machine, assembly line.

Each is drawn from its record, said in a sentence and shown as a table; nothing here draws (see `ui/guide/pictures`).
"""

from playground.mental_models import assembly_line, factory, time_machine

__all__ = ["assembly_line", "factory", "time_machine"]
