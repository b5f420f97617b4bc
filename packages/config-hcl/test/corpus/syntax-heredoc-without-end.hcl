text = <<EOT
line
