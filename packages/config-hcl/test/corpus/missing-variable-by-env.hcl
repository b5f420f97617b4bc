a = env.NOT_SET
b = env("NOT_SET")
c = "${env.NOT_SET}"
d = upper(NOT_SET)
