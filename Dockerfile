# The image of webhook and reconciler: `docker build -t REGISTRY/snapgate:0.1.0 .`
ARG PYTHON=python:3.11-slim-trixie

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/snapgate
COPY requirements/build.txt requirements/product.txt requirements/
RUN pip install --require-hashes --only-binary=:all: -r requirements/build.txt \
 && pip --python /opt/snapgate/bin/python install --require-hashes --only-binary=:all: -r requirements/product.txt
COPY pyproject.toml README.md LICENSE ./
COPY certs certs
COPY webhook webhook
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && pip --python /opt/snapgate/bin/python install --no-deps /wheels/*.whl \
 && /opt/snapgate/bin/python -m compileall -q /opt/snapgate/lib

FROM ${PYTHON}
LABEL org.opencontainers.image.title="snapgate" \
      org.opencontainers.image.description="Admission gate and executor for virtual machine snapshots" \
      org.opencontainers.image.licenses="Apache-2.0"
# Nothing in the image is to be written, not even bytecode: the file system is read-only.
ENV PATH=/opt/snapgate/bin:/usr/local/bin:/usr/bin:/bin PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
COPY --from=build /opt/snapgate /opt/snapgate
WORKDIR /
USER 65532:65532
EXPOSE 10250 8443 8081 8082
ENTRYPOINT ["snapgate"]
CMD ["serve"]
