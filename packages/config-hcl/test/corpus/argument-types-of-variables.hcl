a = int(NAME)
b = bool(NAME)
c = jsondecode(NAME)
d = base64decode(NAME)
e = NAME + 1
f = number("${NAME}")
