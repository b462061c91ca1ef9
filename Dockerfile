# syntax=docker/dockerfile:1
# Waybill alone: web and collectors under the launcher. PostgreSQL is given by DATABASE_URL, or embedded in the volume /data.

FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node bin/waybill.mjs build && npm prune --omit=dev --no-audit --no-fund && rm -rf .next/cache node_modules/.cache

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Waybill" \
      org.opencontainers.image.description="Observability and operations dashboard for event-driven systems" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# The build writes nothing outside of /app; only caches are written at run time: of the web, and of compiled TypeScript.
COPY --from=build /app /app
RUN mkdir -p /data .next/cache && chown -R node:node /data .next/cache
# "node"; by number, so that a host can see that it is not root
USER 1000
# Inside a container every address is the container's own; who may reach it is decided by what is published.
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.next/cache/compiled WAYBILL_DATA_DIR=/data WAYBILL_HOST=0.0.0.0 WAYBILL_LOGS=stdout
VOLUME /data
EXPOSE 3000 4317 4318
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/api/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "bin/waybill.mjs"]
CMD ["start"]
