# The image of a release is built without this and without a daemon, reproducibly: npm run build:image. This is the same for those who have
# Docker and no Debian: the guard and the plugin, with nothing but Node and the bundle.
FROM node:24-bookworm-slim AS build
WORKDIR /src
# npm ci links the workspaces, so their manifests must be there.
COPY package.json package-lock.json ./
COPY test/bun-runtime/package.json test/bun-runtime/
COPY test/node-runtime/package.json test/node-runtime/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM gcr.io/distroless/nodejs24-debian12:nonroot
LABEL org.opencontainers.image.title="canary-guard" \
      org.opencontainers.image.description="A validating webhook that denies changes which would break canary routing" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /src/dist/package.json /src/dist/canary-guard.js /src/dist/kubectl-canary.js /src/dist/launch.cjs /src/dist/THIRD-PARTY-LICENCES.txt /app/dist/
COPY --from=build /src/dist/guard /app/dist/guard
# For the Jobs of `kubectl canary run --as-job`.
COPY --from=build /src/dist/canary /app/dist/canary
# Little memory by default; the chart sets the size of the heap from the memory limit.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=2 MALLOC_ARENA_MAX=2
USER 65532:65532
EXPOSE 10250 8080
ENTRYPOINT ["/nodejs/bin/node", "/app/dist/canary-guard.js"]
