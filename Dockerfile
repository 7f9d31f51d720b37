FROM python:3.13-slim
RUN pip install --no-cache-dir uv && useradd --create-home --uid 1000 rsu
WORKDIR /srv/rsu
COPY . .
ENV UV_NO_CACHE=1 PATH=/srv/rsu/.venv/bin:$PATH STATIC_ROOT=/srv/static PYTHONUNBUFFERED=1
# Collecting files asks for every setting and uses none: the values die with the command.
RUN uv sync --no-default-groups \
    && SECRET_KEY=build ALLOWED_HOSTS=build PGHOST=build PGUSER=build PGDATABASE=build REDIS_URL=redis://build BROKER_URL=redis://build \
       FILES_ROOT=build python manage.py collectstatic --no-input --verbosity 0
RUN install --directory --owner rsu --mode 700 /srv/files
USER rsu
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "8", "rsu.wsgi:application"]
