request_headers = jsondecode("{\"__proto__\":1}")
