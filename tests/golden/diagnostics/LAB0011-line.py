"""A line of more than 1 MiB."""
print('lab x { domain = "example.net", operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"] }')
print(f"let a = [{'1, ' * (1024 * 1024)}]")
