"""The playground: screens, words and pictures around the `mlops` package.

Imports run one way: `app` and `pages` use `playground`, `playground` uses `mlops`.
"""
