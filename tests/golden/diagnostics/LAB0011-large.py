"""A file of more than 16 MiB."""
print("// x\n" * (4 * 1024 * 1024))
