text = <<"EOT"
line
EOT
