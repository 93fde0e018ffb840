# The playground and its API in one image: the app by default, the API by another command (compose.yaml).
#
#   docker build -t mlops-playground .
#   docker run --rm -p 127.0.0.1:8501:8501 -v mlops-playground:/data mlops-playground
#
# The base is pinned by tag and by digest, so that the same lines build the same image next year.
FROM python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3

# git makes the history of an exported project. Debian keeps only its newest build of a version, so none is named here.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*

# Whoever runs is nobody in particular, and owns only the folder of the workspaces.
RUN groupadd --gid 10001 mlops && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data mlops \
    && install -d -o mlops -g mlops /data

# What changes rarely comes first: a change of the code does not install the packages again.
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

COPY app.py pyproject.toml ./
COPY .streamlit ./.streamlit
COPY configs ./configs
COPY sample_data ./sample_data
COPY mlops ./mlops
COPY pages ./pages
COPY playground ./playground

# Everything is compiled now and readable to all: nothing below /app and /opt is ever written again.
RUN /opt/venv/bin/python -m compileall -q . && chmod -R a+rX .

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MLOPS_WORKSPACE=/data/workspace \
    MLOPS_CHAPTERS=/data/chapters

USER 10001:10001
VOLUME /data
EXPOSE 8501 5000
STOPSIGNAL SIGTERM

# A container has an address of its own; who may reach it, the published port says (compose.yaml: this machine alone).
CMD ["streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
