"""A file of more than 64 MiB."""
print(f"// {'x' * (64 * 1024 * 1024)}")
