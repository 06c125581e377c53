# One image for web and worker: the locked requirements, the program, and a user who may do nothing else.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1

WORKDIR /app

# First what changes seldom: every package is checked against the hash in the lock.
COPY requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock

# The same folders as top-level packages as on any other machine.
COPY pyproject.toml README.md LICENSE ./
COPY core ./core
COPY llm ./llm
COPY personas ./personas
COPY coach ./coach
COPY judges ./judges
COPY analysis ./analysis
COPY web ./web
COPY server ./server
COPY studies ./studies
RUN python -m pip install --no-deps --no-build-isolation -e . \
    && useradd --system --uid 10001 --home-dir /var/lib/lendanear --create-home lendanear

USER lendanear
WORKDIR /var/lib/lendanear
VOLUME /var/lib/lendanear
EXPOSE 8000

# Without another address the data lies in the volume, in SQLite. docker-compose.yml names PostgreSQL instead.
ENV LENDANEAR_DATABASE_URL=sqlite:////var/lib/lendanear/lendanear.db

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]

CMD ["lendanear", "serve", "--host", "0.0.0.0", "--port", "8000", "--no-browser"]
