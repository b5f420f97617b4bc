a = var.region
b = local.x
c = "${data.x.y}"
d = env
