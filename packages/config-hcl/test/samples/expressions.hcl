a = "${NAME}"
b = "pre-${NAME}-post ${ upper("${NAME}") } $${literal} %%{literal}"
c = NAME
d = env.NAME
e = env("MISSING", "default")
f = { "key-${NAME}" = 1, (NAME) = [NAME, "x${NAME}"], plain = { deep = NAME } }
g = [1 + 2 * 3, (1 < 2) && !false, NAME == "x" ? "yes" : "no"]
h = [
  [1, 2]
  [0],
  { k = "v" }["k"],
  { k = "v" }.k,
]
i = join(
  ",",
  split(" ", "a b"),
)
j = <<EOT
line ${NAME}
  $${literal} "quoted" \n # no comment
EOT
k = [<<-EOT
    indented
      ${NAME}
    EOT
, "after"]
block "label" {
  l = <<EOT
}
EOT
  m = "}" # }
  n = "${ { x = "}" }["x"] }"
  o = "é 😀 \u00e9 \" \\"
}
