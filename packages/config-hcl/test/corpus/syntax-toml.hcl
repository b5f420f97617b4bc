[entrypoints.web]
address = ":80"
