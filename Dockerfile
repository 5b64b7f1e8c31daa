# One image for everything that runs Rasad: the Prefect server, its workers, the command line.
#   docker build --tag rasad .
# Python is the version that CI tests; what is installed is what requirements.lock pins.
FROM python:3.11-slim-bookworm

# libgomp is what torch's CPU build loads; the slim image has none.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /rasad
# What Rasad needs, before Rasad: after a change of its code only the last steps are done again.
COPY pyproject.toml requirements.lock ./
# PyPI's build of torch brings gigabytes of CUDA that nothing here uses; where its own index cannot be reached, so be it.
RUN pip install --no-cache-dir --no-deps --index-url https://download.pytorch.org/whl/cpu --timeout 5 --retries 0 \
    "$(grep '^torch==' requirements.lock)" || true
# A constraint, not a requirement: the lock also pins what only the tests need.
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
    print(*p['dependencies'], *p['optional-dependencies']['dask'], sep='\n')" > needed.txt \
    && pip install --no-cache-dir --constraint requirements.lock --requirement needed.txt
COPY prefect.yaml README.md LICENSE CHANGELOG.md ./
COPY schemas ./schemas
COPY tasks ./tasks
COPY warehouse ./warehouse
COPY flows ./flows
COPY seeds ./seeds
RUN pip install --no-cache-dir --no-deps . && pip check

# The user owns what it writes to: the folder of the warehouse (a new volume there takes its rights over), Prefect's home,
# and the folder for the pages of Prefect's UI, which its server copies when it starts, by default beside its own code.
RUN useradd --create-home --uid 1000 rasad \
    && install --directory --owner=rasad --group=rasad /data /home/rasad/.prefect /home/rasad/.prefect/ui
USER rasad
WORKDIR /home/rasad
ENV RASAD_WAREHOUSE=/data/warehouse \
    PREFECT_SERVER_UI_STATIC_DIRECTORY=/home/rasad/.prefect/ui \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1
CMD ["rasad", "--help"]
