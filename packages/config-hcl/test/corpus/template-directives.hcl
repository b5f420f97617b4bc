a = "%{ if true }x%{ else }y%{ endif }"
b = "%{ for x in [1] }${x}%{ endfor }"
c = <<EOT
line
%{ if true }x%{ endif }
EOT
