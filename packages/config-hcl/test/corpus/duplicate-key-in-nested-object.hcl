servers = [
  { url = "a" },
  { url = "b", url = "c" },
]
