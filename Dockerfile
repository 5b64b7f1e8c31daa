# One image for everything that runs Rasad: the Prefect server, its workers, the command line.
#   docker build --tag rasad .
# Python is the version that CI tests; what is installed is what requirements.lock pins.
FROM python:3.11-slim-bookworm

# libgomp is what torch's CPU build loads; the slim image has none.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /rasad
COPY pyproject.toml requirements.lock prefect.yaml README.md LICENSE CHANGELOG.md ./
COPY schemas ./schemas
COPY tasks ./tasks
COPY warehouse ./warehouse
COPY flows ./flows
COPY seeds ./seeds
# PyPI's build of torch brings gigabytes of CUDA that nothing here uses; where its own index cannot be reached, so be it.
RUN pip install --no-cache-dir --no-deps --index-url https://download.pytorch.org/whl/cpu --timeout 5 --retries 0 \
    "$(grep '^torch==' requirements.lock)" || true
# A constraint, not a requirement: the lock also pins what only the tests need.
RUN pip install --no-cache-dir --constraint requirements.lock ".[dask]"

# The folder of the warehouse, and Prefect's own; both are volumes in compose.yaml.
RUN useradd --create-home --uid 1000 rasad && install --directory --owner=rasad /data /home/rasad/.prefect
USER rasad
WORKDIR /home/rasad
VOLUME /data
ENV RASAD_WAREHOUSE=/data/warehouse \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
CMD ["rasad", "--help"]
