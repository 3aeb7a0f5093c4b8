# syntax=docker/dockerfile:1
#
# ibot in a container:  docker build -t ibot .
# for NVIDIA's GPUs:    docker build -t ibot:cuda --target cuda .
# a run:                docker run --rm -v "$PWD:/work" ibot run mine.yaml            (--gpus all ibot:cuda)
#
# Libraries are part of the image, pinned by their checksums: nothing is fetched when it runs. Results belong to uid 1000, unless --user says otherwise.

ARG NODE=20-bookworm-slim

# The package, as it would be published.
FROM node:${NODE} AS package
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm pack --ignore-scripts && mv ibot-*.tgz ibot.tgz

# Only what it needs when it runs, as the lock file pins it.
FROM node:${NODE} AS installed
WORKDIR /opt/ibot
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev && npm cache clean --force
COPY --from=package /build/ibot.tgz /tmp/
RUN tar -xzf /tmp/ibot.tgz --strip-components=1

# pip fetches TensorFlow's library and XLA's plugins; no Python stays in the images below.
FROM node:${NODE} AS fetching
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-pip && rm -rf /var/lib/apt/lists/*
COPY --from=installed /opt/ibot /opt/ibot
ENV IBOT_CACHE=/opt/cache

FROM fetching AS tensorflow
RUN node /opt/ibot/bin/ibot.js setup

FROM fetching AS plugin
ARG PLUGIN=cuda13
RUN node /opt/ibot/bin/ibot.js setup --xla ${PLUGIN}

# What all images end in: node's own user, and a folder that is mounted.
FROM node:${NODE} AS base
COPY --from=installed /opt/ibot /opt/ibot
RUN ln -s /opt/ibot/bin/ibot.js /usr/local/bin/ibot && mkdir /work && chown node:node /work
ENV NODE_ENV=production IBOT_CACHE=/opt/cache
WORKDIR /work
USER node
ENTRYPOINT ["ibot"]
CMD ["--help"]

FROM base AS cuda
# The container toolkit mounts the driver's libraries that these name.
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=plugin --chown=node:node /opt/cache /opt/cache

# The last is what is built where no target is named.
FROM base AS cpu
COPY --from=tensorflow --chown=node:node /opt/cache /opt/cache
