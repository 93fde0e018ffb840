"""Local-first MLOps: versions of data, runs, models and releases in one folder, each linked to the next.

    from mlops import Workspace

    ws = Workspace.open("workspace")

`Workspace` is the door to everything; `MlopsError` is the parent of everything that is refused.
"""

from mlops.base.errors import MlopsError
from mlops.workspace import Workspace

__version__ = "0.1.0"
__all__ = ["MlopsError", "Workspace", "__version__"]
