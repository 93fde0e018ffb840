"""``python -m mlops`` is the command ``mlops``."""

from mlops.cli import main

if __name__ == "__main__":
    main()
