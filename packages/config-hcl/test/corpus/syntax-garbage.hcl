{{{{ invalid
