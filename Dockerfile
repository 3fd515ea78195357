# Vega in a container: docs/docker.md says how to run it; compose.yaml does it with all that is advised.

# Built here and thrown away: pip, the tools of the build, Node for the page.
FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
# What Vega needs changes seldom, and stays in Docker's cache while the code changes.
COPY requirements.lock ./
RUN python -m venv /opt/vega \
    && /opt/vega/bin/pip install --no-input --require-hashes -r requirements.lock
COPY pyproject.toml requirements-dev.lock README.md LICENSE ./
COPY web ./web
COPY src ./src
# The page first, with a Node that is fetched by its hash and goes again.
RUN /opt/vega/bin/python web/build_hook.py \
    && /opt/vega/bin/pip install --no-input --no-deps --no-build-isolation .


FROM python:3.13-slim-trixie
# libgomp1: the built-in models' engine needs it, and no wheel brings it.
# DL3008 wants a version, which Debian's archive would not have any more at the next point release.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 vega \
    && useradd --uid 10001 --gid vega --home-dir /var/lib/vega --no-create-home \
       --shell /usr/sbin/nologin vega \
    && install -d -o vega -g vega -m 0700 /var/lib/vega
COPY --from=build /opt/vega /opt/vega
# In a container loopback is the container's own: to be reached at all, Vega listens on every
# address, and keys cannot be switched off. Who reaches it is decided by the ports that are published.
ENV PATH=/opt/vega/bin:$PATH \
    VEGA_HOME=/var/lib/vega \
    VEGA_HOST=0.0.0.0 \
    # With the C library's allocator, in two heaps, RAM that is free again goes back to the system.
    PYTHONMALLOC=malloc \
    MALLOC_ARENA_MAX=2
# By number, which orchestrators can check to be no root.
USER 10001:10001
WORKDIR /var/lib/vega
# The life. Without a name for it, each new container would begin another one.
VOLUME /var/lib/vega
EXPOSE 8000 8080
STOPSIGNAL SIGTERM
# Alive means that the event loop answers; the first start may take a while.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://127.0.0.1:{os.environ.get('VEGA_PORT') or 8000}/healthz\", timeout=4)"]
ENTRYPOINT ["vega"]
CMD ["serve"]
