a = "x" * 2
b = 1 / 0
c = !"maybe"
d = -"x"
e = "x" && true
f = NAME ? 1 : 2
g = 1 < "b"
