"""Front door of the playground: ``streamlit run app.py``.

The screens start in ``playground/main.py``. A plain script here, beside ``pages/``, would make Streamlit
serve a deep link such as ``/train`` without its header on the first visit (docs/decisions).
"""

from pathlib import Path

import streamlit as st

from mlops import workers

app = st.App(Path(__file__).with_name("playground") / "main.py")
workers.pool().warm()  # so that the first click on Train finds a worker that has imported everything

if __name__ == "__main__":
    app.run()
