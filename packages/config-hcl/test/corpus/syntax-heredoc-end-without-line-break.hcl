text = <<EOT
line
EOT