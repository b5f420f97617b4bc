services "api" { load_balancer { strategy = "random" } }
