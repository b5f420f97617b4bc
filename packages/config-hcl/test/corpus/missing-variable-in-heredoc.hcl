text = <<EOT
first
second ${NOT_SET}
EOT
