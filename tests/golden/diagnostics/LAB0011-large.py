"""A file of more than 64 MiB."""
print('lab home { domain = "home.example" }')
print(f"let text = \"{'x' * (64 * 1024 * 1024)}\"")
