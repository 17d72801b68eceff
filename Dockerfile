FROM node:22-alpine AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Without scripts: the package's own one would build it before its source is here.
RUN npm ci --ignore-scripts
COPY tsconfig.json rolldown.config.js asconfig.json ./
COPY assembly ./assembly
COPY src ./src
RUN npm run build && npm prune --omit=dev --ignore-scripts
# For databases (sync --to); all else does without.
RUN npm install --no-save --save-prod --omit=dev --ignore-scripts @duckdb/node-api@1 pg@8 pg-copy-streams@7

FROM node:22-alpine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json sparkpost.example.ini LICENSE ./
COPY bin ./bin
# A volume takes its owner from the folder that it is put over.
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
ENTRYPOINT ["node", "/app/bin/sparky-events.js"]
CMD ["--help"]
