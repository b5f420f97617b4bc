router = {}
routers = {}
