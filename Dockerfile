# The API behind a PostgreSQL of yours: docker run -e CRM_DATABASE_URL=postgresql://... -p 8000:8000
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
RUN python -m venv /opt/crm-api
COPY scripts/locks/serve.txt scripts/locks/serve.txt
RUN /opt/crm-api/bin/pip install --no-deps --require-hashes -r scripts/locks/serve.txt
COPY . .
RUN /opt/crm-api/bin/pip install --no-build-isolation --no-deps --no-index .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home crm-api
COPY --from=build /opt/crm-api /opt/crm-api
ENV PATH=/opt/crm-api/bin:$PATH PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/crm-api
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/livez', timeout=2)"]
CMD ["crm-api", "serve", "--host", "0.0.0.0"]
