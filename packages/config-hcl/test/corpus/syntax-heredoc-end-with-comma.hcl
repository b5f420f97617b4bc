text = [<<EOT
line
EOT,
"b"]
