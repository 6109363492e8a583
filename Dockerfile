# The program alone: docker build -t dechaff . && docker run --rm -v "$PWD:/data" -w /data dechaff raw clean
FROM rust:1.91-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /dechaff
COPY . .
RUN cargo build --locked --profile dist --features cloud,parquet,tokenizer --bin dechaff

FROM scratch
COPY --from=build /dechaff/target/dist/dechaff /dechaff
ENTRYPOINT ["/dechaff"]
